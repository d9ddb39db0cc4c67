//! start-stop-daemon(8) of dpkg: asks, stops and starts by the PID file.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::signal::Signal;
use tenure::{Lockfile, State};

use crate::reader::{Ask, is_as_the_table_says};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};
use crate::{PID_FIRST, held, said};

const NEEDS: [&str; 1] = ["start-stop-daemon"];

pub(crate) fn status(path: &Path) -> Option<i32> {
    said("start-stop-daemon --status --pidfile", path).1
}

pub(crate) fn stop(path: &Path) -> Option<i32> {
    said("start-stop-daemon --stop --quiet --pidfile", path).1
}

/// Would start a program that fails, if no daemon ran.
fn start(path: &Path) -> Option<i32> {
    said("start-stop-daemon --start --quiet --startas /bin/false --pidfile", path).1
}

fn state(path: &Path) -> State {
    Lockfile::new(path).status().unwrap().state()
}

#[test]
fn start_stop_daemon_stops_the_holder_and_nobody_else() {
    elsewhere("env", &NEEDS, || {
        let reader = "start-stop-daemon --pidfile";
        is_as_the_table_says(reader, Ask::Stops(|path| _ = stop(path)));
    });
}

#[test]
fn the_holder_is_seen_and_nothing_is_started_beside_it() {
    elsewhere("env", &NEEDS, || {
        for format in PID_FIRST {
            let (place, mut holder) = held(format);
            assert_eq!(status(&place.path), Some(0), "{format}: it runs");
            assert_eq!(start(&place.path), Some(1), "{format}: nothing is done");
            assert_eq!(holder.ask("verify"), "ok");
        }
    });
}

#[test]
fn the_holder_is_stopped_and_recovered() {
    elsewhere("env", &NEEDS, || {
        for format in PID_FIRST {
            let (place, mut holder) = held(format);
            assert_eq!(stop(&place.path), Some(0), "{format}");
            assert_eq!(holder.answer_if_alive(), None, "{format}");
            let pid = holder.kill();
            assert_eq!(state(&place.path), State::Stale, "{format}");
            assert_eq!(status(&place.path), Some(1), "{format}: dead, and the file is there");
            assert_eq!(stop(&place.path), Some(1), "{format}: nothing is done");
            let lock = Lockfile::acquire(&place.path).unwrap();
            assert_eq!(lock.recovered_from().unwrap().pid(), pid, "{format}");
        }
    });
}

#[test]
fn a_lockfile_without_a_holder_stops_nobody() {
    elsewhere("env", &NEEDS, || {
        for format in PID_FIRST {
            let (place, mut holder) = held(&format!("{format} keep"));
            assert_eq!(holder.ask("unlock"), "ok");
            // It runs still, and its PID must not be found.
            assert_ne!(status(&place.path), Some(0), "{format}");
            assert_ne!(stop(&place.path), Some(0), "{format}");
            assert_eq!(holder.ask("try_lock"), "ok", "{format}: it is alive");
            assert_eq!(status(&place.path), Some(0), "{format}");
            assert_eq!(holder.ask("unlock"), "ok");
        }
        let place = place();
        assert_eq!((status(&place.path), stop(&place.path)), (Some(3), Some(1)), "there is none");
    });
}

#[test]
fn json_alone_is_not_read() {
    elsewhere("env", &NEEDS, || {
        let (place, mut holder) = held("");
        assert_eq!(status(&place.path), Some(4), "it cannot be told");
        assert_ne!(stop(&place.path), Some(0));
        assert_eq!(holder.ask("verify"), "ok");
    });
}

#[test]
fn a_lockfile_that_anybody_may_write_to_is_refused() {
    elsewhere("env", &NEEDS, || {
        let (place, mut holder) = held("pid-line");
        fs::set_permissions(&place.path, Permissions::from_mode(0o666)).unwrap();
        assert_ne!(stop(&place.path), Some(0));
        assert_eq!(holder.ask("verify"), "ok");
    });
}

#[test]
fn a_signal_reaches_the_holder() {
    elsewhere("env", &NEEDS, || {
        let place = place();
        let mut holder = Peer::with(&place.path, "pid-line");
        holder.tell("lock_until_told");
        assert_eq!(holder.answer(), "ok");
        let usr2 =
            format!("start-stop-daemon --stop --signal {} --pidfile", Signal::SIGUSR2 as i32);
        assert_eq!(said(&usr2, &place.path).1, Some(0));
        assert_eq!(holder.ask("verify"), "ok");
    });
}
