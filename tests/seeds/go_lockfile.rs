//! The Go package `lockfile`: `New`, `Lock`, `TryLock`, `Unlock`, `MustUnlock` and four errors; and
//! of its namesake, `GetOwner` and the demand for absolute paths.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tenure::{Error, Format, Hardlink, Lockfile, State, Verdict, Why};

use crate::scene::{Daemon, LONG, assert_free, remove, replace, waiting_for_a_file};
use crate::support::{NO_PROCESS, Peer, leave_stale, place};

/// `New(path)` cannot fail.
#[test]
fn a_new_value_touches_nothing() {
    let place = place();
    let lock = Lockfile::new(place.dir().join("missing/apt.lock"));
    assert!(!lock.is_held());
    assert!(place.names().is_empty());
}

/// Its sample: of two programs that lock /var/apt/apt.lock, one waits for the other's file to go.
#[test]
fn of_two_programs_one_waits_until_the_others_file_disappears() {
    let place = place();
    let mut first = Peer::with(&place.path, "pid");
    assert_eq!(first.ask("lock"), "ok");
    assert_eq!(fs::read_to_string(&place.path).unwrap(), format!("{}\n", first.pid()));

    let mut second = Peer::with(&place.path, "pid");
    second.tell("lock");
    second.wait_until_queued();
    assert!(!second.has_answered());
    assert_eq!(first.ask("unlock"), "ok");
    assert_eq!(second.answer(), "ok");
    assert_eq!(fs::read_to_string(&place.path).unwrap(), format!("{}\n", second.pid()));
    assert_eq!(second.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}

/// `Lock` waits for the file to be deleted: that of a program that knows files only.
#[test]
fn a_wait_ends_when_a_file_of_another_program_is_deleted() {
    let place = place();
    let other = Daemon::start();
    fs::write(&place.path, format!("{}\n", other.pid())).unwrap();
    let mut waiter = waiting_for_a_file(&place.path);
    remove(&place.path);
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("recovered"), "no", "its holder is alive, and was done");
    assert_eq!(waiter.ask("verify"), "ok");
}

/// Or for its process to die.
#[test]
fn a_wait_ends_when_the_process_of_the_file_dies() {
    let place = place();
    let other = Daemon::start();
    fs::write(&place.path, format!("{}\n", other.pid())).unwrap();
    let mut waiter = waiting_for_a_file(&place.path);
    let dead = other.crash();
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("recovered"), dead.to_string());
}

/// A holder that is gone without a word is detected, and its lock removed, by whoever wants it.
#[test]
fn a_holder_that_disappears_is_detected_by_those_who_wait_and_those_who_come() {
    let place = place();
    for command in ["lock", LONG] {
        let holder = Peer::holding(&place.path);
        let mut waiter = Peer::start(&place.path);
        waiter.tell(command);
        // It waits, or is about to: in the end it has the lock in any case.
        let dead = holder.crash();
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(waiter.ask("recovered"), dead.to_string());
        let dead = waiter.crash();
        let mut next = Lockfile::acquire(&place.path).unwrap();
        assert_eq!(next.recovered_from().unwrap().pid(), dead);
        next.unlock().unwrap();
    }
}

/// `ErrBusy`: another process holds it, and lives.
#[test]
fn trying_for_what_a_living_process_holds_is_busy() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let busy = Lockfile::acquire(&place.path).unwrap_err();
    assert!(matches!(&busy, Error::Busy { holder: Some(_), .. }), "{busy:?}");
    assert_eq!(busy.holder().unwrap().pid(), holder.pid());

    let other = Daemon::start();
    let path = place.dir().join("other.pid");
    fs::write(&path, format!("{}\n", other.pid())).unwrap();
    let busy = Lockfile::acquire(&path).unwrap_err();
    assert!(matches!(&busy, Error::Busy { holder: Some(_), .. }), "{busy:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", other.pid()));
}

/// `ErrInvalidPID`: the file has another syntax. Go deletes such a file, in `Lock` and in
/// `TryLock`. We do not, unless told to: it is somebody's, a path may have been mistyped, and a
/// lock can wait for whoever looks.
#[test]
fn a_file_of_another_syntax_is_removed_only_by_those_who_ask_for_it() {
    let place = place();
    for content in ["precious", "-5", "0", "4294967297", "12 monkeys and more"] {
        fs::write(&place.path, content).unwrap();
        let mut lock = Lockfile::new(&place.path);
        for result in [lock.try_lock(), lock.lock()] {
            assert!(matches!(result, Err(Error::InvalidPid { .. })), "{content:?}: {result:?}");
            assert_eq!(fs::read_to_string(&place.path).unwrap(), content, "it is left as it was");
        }
        // As Go does.
        let mut lock = lock.replace_invalid(true);
        lock.lock().unwrap();
        lock.unlock().unwrap();
        assert_eq!(lock.status().unwrap().state(), State::Free, "the file is another's");
    }
}

/// An empty file is of no syntax either, but nobody's: whoever created it died before it wrote.
#[test]
fn an_empty_file_that_nobody_has_locked_is_taken_without_asking() {
    let place = place();
    fs::write(&place.path, "").unwrap();
    assert_free(&place.path);
}

/// `ErrProcessDead`: the process of the file does not exist. For whoever locks that is no error but
/// a stale file, which is recovered; for whoever reads, a verdict.
#[test]
fn a_dead_process_is_a_verdict_for_those_who_read_and_no_obstacle_for_those_who_lock() {
    let place = place();
    let dead = leave_stale(&place.path);
    let lock = Lockfile::new(&place.path);
    let status = lock.status().unwrap();
    assert_eq!((status.state(), status.holder().unwrap().pid()), (State::Stale, dead));
    assert_eq!(status.verdict(), Some(Verdict::Stale(Why::Dead)));
    assert!(lock.holder().unwrap().is_none(), "nobody holds it");
    assert_free(&place.path);
}

/// The error of that name is for those who see that the holder is dead, and can do nothing about
/// it.
#[test]
fn a_dead_process_whose_file_cannot_be_taken_over_is_an_error() {
    let place = place();
    fs::write(&place.path, format!("{NO_PROCESS}\n")).unwrap();
    // A bare PID names no incarnation that this backend could claim.
    let err = Lockfile::new(&place.path).backend(Hardlink).try_lock().unwrap_err();
    assert!(matches!(err, Error::ProcessDead { .. }), "{err:?}");
    assert_eq!(err.holder().unwrap().pid(), NO_PROCESS);
    assert!(place.path.exists());
}

/// `ErrRogueDeletion`: somebody else has removed the file, and `Unlock` says so.
#[test]
fn unlocking_what_somebody_removed_is_a_rogue_deletion() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    remove(&place.path);
    assert!(matches!(lock.unlock(), Err(Error::RogueDeletion { replaced: false, .. })));
    assert!(matches!(lock.unlock(), Err(Error::NotHeld { .. })), "it is told once");
}

/// The same where another file is there now: of a living process, of a dead one, of no syntax. It
/// is not touched.
#[test]
fn unlocking_when_the_file_is_somebody_elses_is_a_rogue_deletion() {
    let place = place();
    let living = Daemon::start();
    let contents = [format!("{}\n", living.pid()), format!("{NO_PROCESS}\n"), "garbage".to_owned()];
    for content in contents {
        let mut lock = Lockfile::acquire(&place.path).unwrap();
        replace(&place.path, &content);
        let result = lock.unlock();
        assert!(matches!(result, Err(Error::RogueDeletion { replaced: true, .. })), "{result:?}");
        assert_eq!(fs::read_to_string(&place.path).unwrap(), content);
        remove(&place.path);
    }
}

/// A holder is whoever has the lock, not whoever's PID is in the file: who overwrites that in place
/// has neither acquired it nor made the holder lose it. Go would call this a rogue deletion.
#[test]
fn whoever_writes_into_a_held_lockfile_does_not_hold_it() {
    let place = place();
    let living = Daemon::start();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    fs::write(&place.path, format!("{}\n", living.pid())).unwrap();
    assert!(matches!(lock.verify(), Err(Error::Overwritten { .. })));
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    assert!(matches!(lock.unlock(), Err(Error::Overwritten { .. })));
    assert_eq!(fs::read_to_string(&place.path).unwrap(), format!("{}\n", living.pid()));
}

/// Unlocking as one who never locked is `ErrRogueDeletion` in Go. Here nothing was deleted, and the
/// caller has made a mistake: an error of its own, and the holder's file stays.
#[test]
fn unlocking_what_another_process_holds_is_not_held() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert!(matches!(Lockfile::new(&place.path).unlock(), Err(Error::NotHeld { .. })));
    assert_eq!(holder.ask("verify"), "ok");
}

/// `MustUnlock` panics where `Unlock` fails.
#[test]
fn unwrapping_a_failed_unlock_panics_and_names_the_reason() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    lock.unlock().unwrap();
    lock.lock().unwrap();
    remove(&place.path);
    let panic = catch_unwind(AssertUnwindSafe(|| lock.unlock().unwrap())).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.contains("RogueDeletion") && said.contains("test.lock"), "{said}");
}

/// `defer lf.MustUnlock()`: at the end of a block, a value releases without being asked, and
/// without panicking amid a panic.
#[test]
fn leaving_the_block_unlocks() {
    let place = place();
    {
        let _lock = Lockfile::acquire(&place.path).unwrap();
        assert!(place.path.exists());
    }
    assert!(place.names().is_empty());
    let panic = catch_unwind(|| {
        let _lock = Lockfile::acquire(&place.path).unwrap();
        remove(&place.path);
        panic!("at work");
    });
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"at work"));
}

/// `GetOwner`: the process of a valid file, and for others why there is none.
#[test]
fn the_holder_is_told_to_whoever_asks() {
    let place = place();
    let lock = Lockfile::new(&place.path).format(Format::Pid);
    assert!(lock.holder().unwrap().is_none(), "no file");
    let mut holder = Peer::with(&place.path, "pid");
    assert_eq!(holder.ask("try_lock"), "ok");
    let named = lock.holder().unwrap().unwrap();
    assert_eq!((named.pid(), named.verdict()), (holder.pid(), Verdict::Live));
    assert!(named.process().is_some(), "with what the system knows of it");
    holder.crash();
    assert!(lock.holder().unwrap().is_none(), "a dead one");
    fs::write(&place.path, "garbage").unwrap();
    assert!(matches!(lock.holder(), Err(Error::InvalidPid { .. })));
}

/// Its namesake refuses relative paths, because they name another file after a `chdir`. Here one
/// means the directory of the moment of locking, and keeps to it.
#[test]
fn a_relative_path_stays_the_same_file_when_the_directory_is_changed() {
    let place = place();
    let mut peer = Peer::start("test.lock".as_ref());
    assert_eq!(peer.ask(&format!("chdir {}", place.dir().display())), "ok");
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("chdir /"), "ok");
    assert_eq!(place.names(), ["test.lock"]);
    assert_eq!(peer.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}
