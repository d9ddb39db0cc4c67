//! The face of the library, in one process: what each method promises.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[cfg_attr(not(unix), path = "support/portable.rs")]
mod support;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

#[cfg(unix)]
use support::Peer;
use support::place;
use tenure::{Content, Error, Format, Lockfile, MESSAGE_LIMIT, Record, State, Verdict, Why};

fn record(path: &std::path::Path) -> Record {
    match Content::parse(&fs::read(path).unwrap()) {
        Content::Record(record) => *record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_does_nothing_until_it_is_locked() {
    let place = place();
    let lock = Lockfile::new(&place.path).message("x").keep_file(true).mode(0o600);
    assert!(!lock.is_held());
    drop(lock);
    assert!(place.names().is_empty());
}

#[test]
fn locking_creates_a_record_and_unlocking_removes_it() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).message("nightly backup");
    lock.try_lock().unwrap();
    assert!(lock.is_held());
    let record = record(&place.path);
    assert_eq!(record.pid, std::process::id());
    assert_eq!(record.message.as_deref(), Some("nightly backup"));
    assert_eq!(lock.record(), Some(&record));
    assert!(record.host.is_some() && record.program.is_some() && record.acquired_at.is_some());
    lock.unlock().unwrap();
    assert!(!lock.is_held());
    assert!(lock.record().is_none());
    assert!(place.names().is_empty(), "nothing is left");
}

#[test]
fn every_acquisition_has_a_nonce_of_its_own() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    let mut nonces: Vec<_> = (0..100)
        .map(|_| {
            lock.try_lock().unwrap();
            let nonce = record(&place.path).nonce.unwrap();
            lock.unlock().unwrap();
            nonce
        })
        .collect();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 100);
    assert!(nonces.iter().all(|nonce| nonce.len() == 16));
}

#[test]
fn dropping_releases() {
    let place = place();
    drop(Lockfile::acquire(&place.path).unwrap());
    assert!(place.names().is_empty());
    Lockfile::acquire(&place.path).unwrap();
}

#[test]
fn locking_twice_through_one_value_is_already_held() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    assert!(matches!(lock.try_lock(), Err(Error::AlreadyHeld { .. })));
    assert!(matches!(lock.lock(), Err(Error::AlreadyHeld { .. })));
    assert!(matches!(lock.lock_timeout(Duration::ZERO), Err(Error::AlreadyHeld { .. })));
    assert!(matches!(lock.release_stale(), Err(Error::AlreadyHeld { .. })));
    assert!(lock.is_held(), "and is held as before");
    lock.verify().unwrap();
}

#[test]
fn unlocking_what_is_not_held_is_not_held() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    assert!(matches!(lock.unlock(), Err(Error::NotHeld { .. })));
    assert!(matches!(lock.verify(), Err(Error::NotHeld { .. })));
    assert!(matches!(lock.set_message("x"), Err(Error::NotHeld { .. })));
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    assert!(matches!(lock.unlock(), Err(Error::NotHeld { .. })));
}

#[test]
fn a_second_value_is_busy_and_names_the_holder() {
    let place = place();
    let _lock = Lockfile::acquire(&place.path).unwrap();
    let err = Lockfile::acquire(&place.path).unwrap_err();
    assert!(err.is_busy());
    assert_eq!(err.path(), Some(place.path.as_path()));
    assert_eq!(err.holder().unwrap().pid(), std::process::id());
    assert_eq!(err.holder().unwrap().verdict(), Verdict::Live);
    let io: std::io::Error = err.into();
    assert_eq!(io.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn waiting_for_oneself_is_an_error_and_not_a_deadlock() {
    let place = place();
    let _lock = Lockfile::acquire(&place.path).unwrap();
    let mut other = Lockfile::new(&place.path);
    assert!(matches!(other.lock(), Err(Error::Deadlock { .. })));
    assert!(matches!(other.lock_timeout(Duration::MAX), Err(Error::Deadlock { .. })));
}

#[test]
fn another_thread_waits_its_turn() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    let (path, told) = (place.path.clone(), std::sync::mpsc::channel());
    let waiter = std::thread::spawn(move || {
        let mut other = Lockfile::new(path);
        assert!(other.try_lock().unwrap_err().is_busy());
        told.0.send(()).unwrap();
        other.lock().unwrap();
        other.unlock().unwrap();
    });
    told.1.recv().unwrap();
    drop(lock);
    waiter.join().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn a_clone_has_the_settings_and_not_the_possession() {
    let place = place();
    let lock = {
        let mut lock = Lockfile::new(&place.path).message("of the first").keep_file(true);
        lock.try_lock().unwrap();
        lock
    };
    let mut clone = lock.clone();
    assert!(!clone.is_held());
    assert!(clone.try_lock().unwrap_err().is_busy());
    drop(lock);
    clone.try_lock().unwrap();
    assert_eq!(clone.record().unwrap().message.as_deref(), Some("of the first"));
}

#[test]
fn a_removed_lockfile_is_a_rogue_deletion() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    remove(&place.path);
    assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: false, .. })));
    assert!(lock.is_held(), "until it is unlocked");
    assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { replaced: false, .. })));
    assert!(!lock.is_held());
}

#[test]
fn a_replaced_lockfile_is_a_rogue_deletion_and_the_new_one_is_not_touched() {
    let place = place();
    for keep in [false, true] {
        let mut lock = Lockfile::new(&place.path).keep_file(keep);
        lock.try_lock().unwrap();
        fs::rename(&place.path, place.dir().join("old")).unwrap();
        let mut other = Lockfile::acquire(&place.path).unwrap();
        let theirs = fs::read(&place.path).unwrap();
        assert!(matches!(lock.verify(), Err(Error::RogueDeletion { replaced: true, .. })));
        assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { replaced: true, .. })));
        assert_eq!(fs::read(&place.path).unwrap(), theirs);
        other.unlock().unwrap();
    }
}

#[test]
fn dropping_after_a_replacement_does_not_touch_the_new_lockfile() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    remove(&place.path);
    let other = Lockfile::acquire(&place.path).unwrap();
    drop(lock);
    other.verify().unwrap();
}

#[test]
fn a_kept_lockfile_tells_who_held_it_last() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).keep_file(true).message("done");
    lock.try_lock().unwrap();
    assert_eq!(lock.status().unwrap().state(), State::Held);
    lock.unlock().unwrap();
    let status = lock.status().unwrap();
    assert_eq!(status.state(), State::Free);
    assert_eq!(status.verdict(), Some(Verdict::Stale(Why::Released)));
    assert_eq!(status.holder().unwrap().message(), Some("done"));
    assert!(lock.holder().unwrap().is_none());
    lock.try_lock().unwrap();
    assert!(lock.recovered_from().is_none(), "it was released, not left");
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_kept_lockfile_is_overwritten_whole_in_every_format() {
    let place = place();
    let formats = [Format::Json, Format::Pid, Format::PidLine, Format::PidBare];
    let long = "m".repeat(MESSAGE_LIMIT);
    for (before, after) in formats.iter().flat_map(|a| formats.iter().map(move |b| (a, b))) {
        let mut first = Lockfile::new(&place.path).keep_file(true).format(*before).message(&long);
        first.try_lock().unwrap();
        first.unlock().unwrap();
        assert!(Lockfile::new(&place.path).holder().unwrap().is_none(), "{before:?}");
        let mut second = Lockfile::new(&place.path).keep_file(true).format(*after).message("short");
        second.try_lock().unwrap();
        let record = record(&place.path);
        assert_eq!(record.pid, std::process::id(), "{before:?} {after:?}");
        assert_ne!(record.message, Some(long.clone()), "{before:?} {after:?}");
        second.unlock().unwrap();
    }
}

#[test]
fn the_formats_are_what_other_programs_read() {
    let place = place();
    let pid = std::process::id();
    let written = |format| {
        let mut lock = Lockfile::new(&place.path).format(format);
        lock.try_lock().unwrap();
        fs::read_to_string(&place.path).unwrap()
    };
    assert_eq!(written(Format::Pid), format!("{pid}\n"));
    assert_eq!(written(Format::PidBare), format!("{pid}"));
    let lines = written(Format::PidLine);
    assert_eq!(lines.lines().next(), Some(&*pid.to_string()), "no trailing blank");
    assert!(lines.lines().nth(1).unwrap().starts_with("{\"version\":1,"));
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(written(Format::Json).lines().count(), 1);
}

#[test]
fn the_message_can_be_changed_while_held() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).message(&*"long ".repeat(200));
    lock.try_lock().unwrap();
    let nonce = record(&place.path).nonce;
    lock.set_message("phase 2").unwrap();
    assert_eq!(record(&place.path).message.as_deref(), Some("phase 2"));
    assert_eq!(record(&place.path).nonce, nonce, "it is the same acquisition");
    lock.set_message("").unwrap();
    assert_eq!(record(&place.path).message, None);
}

#[test]
fn a_message_that_is_too_long_is_an_error_and_not_a_cut() {
    let place = place();
    let long = "m".repeat(MESSAGE_LIMIT + 1);
    let mut lock = Lockfile::new(&place.path).message(&long);
    assert!(matches!(lock.try_lock(), Err(Error::MessageTooLong { length: 1025, .. })));
    assert!(place.names().is_empty());

    let mut lock = Lockfile::new(&place.path).message("short");
    lock.try_lock().unwrap();
    assert!(matches!(lock.set_message(&long), Err(Error::MessageTooLong { .. })));
    assert_eq!(record(&place.path).message.as_deref(), Some("short"));
}

#[test]
fn the_worst_message_that_is_allowed_is_written_whole() {
    let place = place();
    let worst = "\u{1}".repeat(MESSAGE_LIMIT);
    let mut lock = Lockfile::new(&place.path).message(&worst);
    lock.try_lock().unwrap();
    assert_eq!(record(&place.path).message, Some(worst));
}

#[test]
fn a_critical_section_holds_the_lock_and_returns_its_value() {
    let place = place();
    let path = place.path.clone();
    let mut lock = Lockfile::new(&place.path);
    let value = lock.with(|| Lockfile::acquire(path).unwrap_err().is_busy()).unwrap();
    assert!(value, "nobody else gets in");
    assert!(!lock.is_held());
    assert!(place.names().is_empty());
}

#[test]
fn a_critical_section_that_panics_releases() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    let section = AssertUnwindSafe(|| lock.with(|| panic!("in the section")));
    assert!(catch_unwind(section).is_err());
    assert!(!lock.is_held());
    assert!(place.names().is_empty());
}

#[test]
fn a_critical_section_reports_that_it_was_not_protected() {
    let place = place();
    let result = Lockfile::new(&place.path).with(|| remove(&place.path));
    assert!(matches!(result, Err(Error::RogueDeletion { .. })));
}

#[test]
#[cfg(unix)]
fn the_mode_is_that_of_the_created_file() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let mut lock = Lockfile::new(&place.path).mode(0o600);
    lock.try_lock().unwrap();
    assert_eq!(fs::metadata(&place.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn values_can_be_sent_and_shared() {
    fn check<T: Send + Sync>() {}
    check::<Lockfile>();
    check::<Error>();
    check::<tenure::Status>();
}

#[test]
#[cfg(unix)]
fn a_relative_path_means_the_directory_it_was_locked_in() {
    let place = place();
    let mut peer = Peer::start("test.lock".as_ref());
    assert_eq!(peer.ask(&format!("chdir {}", place.dir().display())), "ok");
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("chdir /"), "ok");
    assert_eq!(place.names(), ["test.lock"]);
    assert_eq!(peer.ask("verify"), "ok");
    assert_eq!(peer.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}

#[expect(clippy::disallowed_methods, reason = "the rogue")]
fn remove(path: &std::path::Path) {
    // Aside first: there are systems where a file that is open keeps its name until it is closed.
    let aside = path.with_extension("removed");
    fs::rename(path, &aside).unwrap();
    fs::remove_file(aside).unwrap();
}
