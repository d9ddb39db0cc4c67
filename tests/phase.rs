//! How far a holder has come: what it says, what others read, and the wait for it.
#![cfg(any(target_os = "linux", target_os = "android"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::libc;
use nix::unistd::gettid;
use support::{Peer, Place, leave_stale, place, sleeps_in, wait_until};
use tenure::{Content, Error, Format, Hardlink, Lockfile, Phase, Record, Result, State, Status};

fn phase(path: &Path) -> Option<Phase> {
    Lockfile::new(path).holder().unwrap().expect("it is held").phase()
}

fn parse(text: &str) -> Record {
    match Content::parse(text.as_bytes()) {
        Content::Record(record) => *record,
        other => panic!("{other:?}"),
    }
}

/// A peer that holds the lock, and says nothing of its phase or what `options` say.
fn holding(place: &Place, options: &str) -> Peer {
    let mut holder = Peer::with(&place.path, options);
    assert_eq!(holder.ask("try_lock"), "ok");
    holder
}

/// What the wait for a holder that is ready ends with, when `meanwhile` happens while it sleeps.
fn waited(path: &Path, meanwhile: impl FnOnce()) -> Result<Status> {
    let lock = Lockfile::new(path);
    thread::scope(|scope| {
        let (tell, told) = channel();
        let waiting = scope.spawn(move || {
            tell.send(gettid()).unwrap();
            lock.wait_until_ready(None)
        });
        let thread = told.recv().unwrap();
        wait_until(|| sleeps_in(std::process::id(), Some(thread), libc::SYS_ppoll));
        meanwhile();
        waiting.join().unwrap()
    })
}

#[test]
fn a_phase_is_told_with_the_acquisition_and_changed_later() {
    for format in [Format::Json, Format::PidLine] {
        let place = place();
        let mut lock = Lockfile::new(&place.path).format(format).phase(Phase::Starting);
        lock.try_lock().unwrap();
        assert_eq!(phase(&place.path), Some(Phase::Starting));
        let size = fs::metadata(&place.path).unwrap().len();
        for next in [Phase::Ready, Phase::Stopping] {
            lock.set_phase(next).unwrap();
            assert_eq!(phase(&place.path), Some(next));
            assert_eq!(lock.record().unwrap().phase, Some(next));
        }
        lock.set_message("the last").unwrap();
        assert_eq!(phase(&place.path), Some(Phase::Stopping), "the rest of the record is kept");
        assert_eq!(fs::metadata(&place.path).unwrap().len(), size);
    }
}

#[test]
fn each_acquisition_begins_anew() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).keep_file(true);
    lock.try_lock().unwrap();
    assert_eq!(phase(&place.path), None);
    lock.set_phase(Phase::Ready).unwrap();
    lock.unlock().unwrap();
    assert!(!lock.status().unwrap().is_ready(), "the last holder was ready, and has released");
    lock.try_lock().unwrap();
    assert_eq!(phase(&place.path), None);
}

#[test]
fn whoever_does_not_hold_has_no_phase() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    assert!(matches!(lock.set_phase(Phase::Ready), Err(Error::NotHeld { .. })));
    let mut holder = holding(&place, "phase=starting");
    assert!(holder.ask("fork set_phase ready").starts_with("NotHeld: "));
    assert_eq!(phase(&place.path), Some(Phase::Starting));
}

#[test]
fn a_restored_lockfile_tells_the_phase_again() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    lock.set_phase(Phase::Ready).unwrap();
    fs::rename(&place.path, place.dir().join("aside")).unwrap();
    lock.restore().unwrap();
    assert_eq!(phase(&place.path), Some(Phase::Ready));
}

#[test]
fn a_phase_of_a_later_version_is_none() {
    for unknown in [r#""draining""#, "3", "null", r#"{"ready":true}"#] {
        let record = parse(&format!(r#"{{"pid":4242,"phase":{unknown},"nonce":"a"}}"#));
        assert_eq!((record.pid, record.phase), (4242, None), "{unknown}");
    }
    assert_eq!(parse(r#"{"pid":4242,"phase":"stopping"}"#).phase, Some(Phase::Stopping));
}

#[test]
fn a_holder_that_is_ready_is_not_waited_for() {
    let place = place();
    let holder = holding(&place, "phase=ready");
    let status = Lockfile::new(&place.path).wait_until_ready(Some(Duration::ZERO)).unwrap();
    assert_eq!(status.holder().unwrap().pid(), holder.pid());
    assert_eq!(status.state(), State::Held);
}

#[test]
fn the_wait_ends_when_the_holder_says_so() {
    for options in ["phase=starting", "", "hardlink"] {
        let place = place();
        let mut holder = holding(&place, options);
        let status = waited(&place.path, || {
            assert_eq!(holder.ask("set_message loading"), "ok");
            assert_eq!(holder.ask("set_phase ready"), "ok");
        });
        assert_eq!(status.unwrap().holder().unwrap().message(), Some("loading"));
    }
}

#[test]
fn a_holder_that_is_yet_to_come_is_waited_for() {
    let place = place();
    let mut holder = Peer::with(&place.path, "phase=ready");
    let status = waited(&place.path, || assert_eq!(holder.ask("try_lock"), "ok"));
    assert_eq!(status.unwrap().holder().unwrap().pid(), holder.pid());
}

#[test]
fn so_is_one_whose_directory_is_yet_to_come() {
    let place = place();
    let path = place.dir().join("run").join("backupd").join("the.pid");
    let mut holder = Peer::with(&path, "phase=ready");
    let status = waited(&path, || {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert_eq!(holder.ask("try_lock"), "ok");
    });
    assert_eq!(status.unwrap().holder().unwrap().pid(), holder.pid());
}

#[test]
fn one_that_was_ready_and_died_is_not_ready_and_the_next_one_is_waited_for() {
    for options in ["phase=ready", "phase=ready hardlink"] {
        let place = place();
        holding(&place, options).crash();
        let lock = Lockfile::new(&place.path);
        match lock.wait_until_ready(Some(Duration::ZERO)) {
            Err(err @ Error::NotReady { holder: None, .. }) => {
                assert!(err.to_string().contains("nobody is known to hold it"), "{err}");
            }
            other => panic!("{other:?}"),
        }
        let mut next = Peer::with(&place.path, options);
        let status = waited(&place.path, || assert_eq!(next.ask("try_lock"), "ok"));
        assert_eq!(status.unwrap().holder().unwrap().pid(), next.pid());
    }
}

/// Between taking the lock over and writing its own record, a contender is found with the record of
/// the dead holder.
#[test]
fn the_record_of_a_dead_holder_does_not_speak_for_the_next() {
    let place = place();
    holding(&place, "phase=ready").crash();
    let file = fs::File::open(&place.path).unwrap();
    let _contender = Flock::lock(file, FlockArg::LockExclusiveNonblock).unwrap();
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.state(), State::Held);
    assert!(!status.is_ready(), "{status:?}");
}

#[test]
fn the_end_of_the_time_names_the_holder_and_its_phase() {
    let place = place();
    for (options, told) in [
        ("phase=starting", "; it is starting"),
        ("phase=stopping", "; it is stopping"),
        ("", "; it does not say how far it has come"),
    ] {
        let holder = holding(&place, options);
        match Lockfile::new(&place.path).wait_until_ready(Some(Duration::ZERO)) {
            Err(err @ Error::NotReady { .. }) => {
                assert!(err.to_string().contains(told), "{err}");
                assert!(err.to_string().contains("that was ready within 0s: "), "{err}");
                assert_eq!(err.holder().unwrap().pid(), holder.pid());
                assert_eq!(err.path(), Some(&*place.path));
                assert!(!err.is_busy());
                assert_eq!(std::io::Error::from(err).kind(), std::io::ErrorKind::TimedOut);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_caller_is_told_whom_the_wait_is_for() {
    let place = place();
    leave_stale(&place.path);
    let (tell, told) = channel();
    let lock = Lockfile::new(&place.path)
        .on_wait(move |holder, _| tell.send(holder.map(tenure::Holder::pid)).unwrap());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| lock.wait_until_ready(None));
        assert_eq!(told.recv(), Ok(None), "nobody holds it");
        let mut holder = Peer::with(&place.path, "phase=starting");
        assert_eq!(holder.ask("try_lock"), "ok");
        assert_eq!(told.recv(), Ok(Some(holder.pid())));
        assert_eq!(holder.ask("set_phase ready"), "ok");
        waiting.join().unwrap().unwrap();
    });
}

#[test]
fn nobody_waits_for_himself() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert!(matches!(lock.wait_until_ready(None), Err(Error::AlreadyHeld { .. })));
}

#[test]
fn what_is_no_lockfile_is_not_waited_for() {
    let place = place();
    fs::write(&place.path, "\x7fELF").unwrap();
    let lock = Lockfile::new(&place.path).backend(Hardlink);
    assert!(matches!(lock.wait_until_ready(None), Err(Error::InvalidPid { .. })));
    let lock = Lockfile::new(&place.path);
    assert!(matches!(lock.wait_until_ready(None), Err(Error::InvalidPid { .. })));
}
