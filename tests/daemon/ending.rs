//! The ends that a holder can come to.

use std::os::unix::process::ExitStatusExt;

use nix::sys::signal::Signal;
use tenure::{Lockfile, State, Verdict, Why};

use crate::support::{Peer, place};

#[test]
fn a_lock_is_safe_to_send_and_to_share() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Lockfile>();
}

#[test]
fn a_holder_that_returns_or_panics_releases() {
    let place = place();
    for end in ["return_with_it", "panic_with_it"] {
        let mut holder = Peer::holding(&place.path);
        assert_eq!(holder.ask(end), "ok");
        assert!(place.names().is_empty(), "{end}");
        drop(holder);
    }
}

#[test]
fn a_panic_in_a_thread_releases_what_the_thread_holds() {
    let place = place();
    let path = place.path.clone();
    let ended = std::thread::spawn(move || {
        let _lock = Lockfile::acquire(path).unwrap();
        panic!("it unwinds");
    });
    assert!(ended.join().is_err());
    assert!(place.names().is_empty());
}

#[test]
fn a_holder_that_exits_without_unwinding_is_recovered() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let pid = holder.pid();
    holder.tell("exit");
    assert_eq!(holder.wait_for_end().code(), Some(0));
    assert_eq!(Lockfile::new(&place.path).status().unwrap().state(), State::Stale);
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), pid);
}

#[test]
fn a_signal_without_more_ado_leaves_a_record_of_the_dead() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    holder.signal(Signal::SIGTERM);
    assert_eq!(holder.wait_for_end().signal(), Some(Signal::SIGTERM as i32));
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.verdict(), Some(Verdict::Stale(Why::Dead)));
}

#[cfg(feature = "signals")]
mod signals {
    use super::*;

    fn holder(path: &std::path::Path, options: &str) -> Peer {
        let mut holder = Peer::with(path, options);
        assert_eq!(holder.ask("try_lock"), "ok");
        assert_eq!(holder.ask("release_on_signals"), "ok");
        holder
    }

    #[test]
    fn the_lock_is_released_and_the_signal_is_told() {
        let place = place();
        for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
            let mut holder = holder(&place.path, "");
            holder.signal(signal);
            assert_eq!(holder.wait_for_end().signal(), Some(signal as i32));
            assert!(place.names().is_empty(), "{signal}");
        }
    }

    #[test]
    fn what_was_changed_since_is_released_as_it_is() {
        let place = place();
        let mut holder = holder(&place.path, "keep");
        assert_eq!(holder.ask("set_message half way"), "ok");
        std::fs::rename(&place.path, place.dir().join("aside")).unwrap();
        assert_eq!(holder.ask("restore"), "ok");
        holder.signal(Signal::SIGTERM);
        assert_eq!(holder.wait_for_end().signal(), Some(Signal::SIGTERM as i32));
        let status = Lockfile::new(&place.path).status().unwrap();
        assert_eq!(status.state(), State::Free);
        assert_eq!(status.holder().unwrap().message(), Some("half way"));
    }

    #[test]
    fn what_is_not_held_any_more_is_left_to_others() {
        let place = place();
        let mut holder = holder(&place.path, "");
        assert_eq!(holder.ask("unlock"), "ok");
        let other = Lockfile::acquire(&place.path).unwrap();
        holder.signal(Signal::SIGTERM);
        assert_eq!(holder.wait_for_end().signal(), Some(Signal::SIGTERM as i32));
        other.verify().unwrap();
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    }

    #[test]
    fn what_a_daemon_has_taken_over_stays_with_it() {
        let place = place();
        let mut peer = holder(&place.path, "");
        let answer = peer.ask("daemonize terminate");
        assert!(answer.ends_with(" ok"), "{answer}");
        assert_eq!(peer.wait_for_end().signal(), Some(Signal::SIGTERM as i32));
        assert_eq!(peer.ask("verify"), "ok");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    }

    #[test]
    fn a_successor_keeps_what_the_signalled_passer_has_passed_on() {
        let place = place();
        let mut peer = holder(&place.path, "");
        assert_eq!(peer.ask("pass_on terminate"), "ready");
        assert_eq!(peer.wait_for_end().signal(), Some(Signal::SIGTERM as i32));
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
        assert_eq!(peer.ask("inherit"), "true");
        assert_eq!(peer.ask("unlock"), "ok");
    }

    #[test]
    fn a_signal_that_is_ignored_stays_ignored() {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        assert_eq!(holder.ask("ignore_hangup"), "ok");
        assert_eq!(holder.ask("release_on_signals"), "ok");
        holder.signal(Signal::SIGHUP);
        assert_eq!(holder.ask("verify"), "ok");
        holder.signal(Signal::SIGTERM);
        assert_eq!(holder.wait_for_end().signal(), Some(Signal::SIGTERM as i32));
        assert!(place.names().is_empty());
    }
}
