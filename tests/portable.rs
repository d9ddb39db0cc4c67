//! What holds on every system: one holder, in whatever process, whoever dies, whatever is removed.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "support/portable.rs"]
mod support;

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use support::{Peer, leave_stale, place};
use tenure::{Cancel, Content, Error, Hardlink, Lock, Lockfile, Slots, State, Verdict, Why};

/// More than any test lasts.
const LONG: Duration = Duration::from_secs(1_000_000);

#[test]
fn processes_take_turns() {
    for backend in ["", "hardlink"] {
        let place = place();
        let room = place.path.with_extension("room");
        let mut crowd: Vec<_> = (0..3).map(|_| Peer::with(&place.path, backend)).collect();
        for peer in &mut crowd {
            peer.tell(&format!("take_turns {}", room.display()));
        }
        for peer in &mut crowd {
            assert_eq!(peer.answer(), "ok", "{backend:?}");
        }
        drop(crowd);
        assert!(place.names().is_empty(), "{backend:?}: {:?}", place.names());
    }
}

#[test]
fn whoever_is_refused_is_told_who_holds() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let err = Lockfile::acquire(&place.path).unwrap_err();
    assert_eq!(err.holder().unwrap().pid(), holder.pid());
    assert!(err.is_busy() && err.to_string().contains("it is alive"), "{err}");
    assert_eq!(Lockfile::new(&place.path).status().unwrap().state(), State::Held);
}

#[test]
fn what_the_dead_leave_is_recovered() {
    let place = place();
    let dead = leave_stale(&place.path);
    let lock = Lockfile::new(&place.path);
    let status = lock.status().unwrap();
    assert_eq!(status.verdict(), Some(Verdict::Stale(Why::Dead)));
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    drop(lock);

    leave_stale(&place.path);
    assert!(Lockfile::new(&place.path).release_stale().unwrap());
    assert!(place.names().is_empty());
}

/// A process is itself by when it started, and not by its PID.
#[test]
fn a_recycled_pid_is_stale() {
    let place = place();
    let lock = Lockfile::acquire(&place.path).unwrap();
    // A live process, which has not written this: it started at another time.
    let other = Peer::start(&place.path.with_extension("other"));
    let record = serde_json::to_value(lock.record().unwrap()).unwrap();
    drop(lock);
    let mut forged = record.clone();
    forged["pid"] = other.pid().into();
    forged.as_object_mut().unwrap().remove("pidfd_inode");
    assert!(forged["start_ticks"].is_u64(), "{forged}");
    forged["start_ticks"] = 1.into();
    fs::write(&place.path, forged.to_string()).unwrap();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().verdict(), Verdict::Stale(Why::PidReused));
}

#[test]
fn whoever_waits_is_next() {
    for wait in ["lock", "lock_timeout 1000000000"] {
        let place = place();
        let mut held = Lockfile::acquire(&place.path).unwrap();
        let mut waiter = Peer::start(&place.path);
        waiter.tell(wait);
        held.unlock().unwrap();
        assert_eq!(waiter.answer(), "ok", "{wait}");
        assert!(held.try_lock().unwrap_err().is_busy(), "{wait}");
    }
}

#[test]
fn whoever_waits_is_next_after_a_death() {
    for wait in ["lock", "lock_timeout 1000000000"] {
        let place = place();
        let holder = Peer::holding(&place.path);
        let mut waiter = Peer::start(&place.path);
        waiter.tell(wait);
        holder.crash();
        assert_eq!(waiter.answer(), "ok", "{wait}");
        // Nobody was there any more when it came, or it has recovered the lock: both are well.
        assert_eq!(waiter.ask("unlock"), "ok");
    }
}

#[test]
fn a_wait_ends_at_its_limit_or_when_it_is_called_off() {
    let place = place();
    let _holder = Peer::holding(&place.path);
    let mut lock = Lockfile::new(&place.path);
    let late = lock.lock_timeout(Duration::from_millis(20));
    assert!(matches!(late, Err(Error::Timeout { .. })), "{late:?}");

    let cancel = Cancel::new().unwrap();
    let fire = cancel.clone();
    let waiter = thread::spawn(move || lock.lock_until(&cancel));
    fire.fire();
    assert!(matches!(waiter.join().unwrap(), Err(Error::Cancelled { .. })));
}

/// Of the threads of one process, each with a value of its own.
#[test]
fn threads_take_turns_with_a_limit() {
    let place = place();
    let inside = std::sync::Mutex::new(());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut lock = Lockfile::new(&place.path);
                for _ in 0..10 {
                    lock.lock_timeout(LONG).unwrap();
                    drop(inside.try_lock().expect("somebody else is inside"));
                    lock.unlock().unwrap();
                }
            });
        }
    });
}

#[test]
fn what_is_locked_can_be_read_by_any_program() {
    let place = place();
    let _held = Lockfile::new(&place.path).message("nightly backup").try_lock_value();
    let bytes = fs::read(&place.path).unwrap();
    let Content::Record(record) = Content::parse(&bytes) else { panic!("{bytes:?}") };
    assert_eq!(record.message.as_deref(), Some("nightly backup"));
    assert_eq!(record.pid, std::process::id());
}

/// Locks, as part of an expression.
trait TryLockValue {
    fn try_lock_value(self) -> Self;
}

impl TryLockValue for Lockfile {
    fn try_lock_value(mut self) -> Self {
        self.try_lock().unwrap();
        self
    }
}

#[test]
fn a_file_that_takes_the_place_is_noticed_and_left_alone() {
    let place = place();
    let mut held = Lockfile::acquire(&place.path).unwrap();
    fs::rename(&place.path, place.path.with_extension("moved")).unwrap();
    fs::write(&place.path, "somebody else's\n").unwrap();
    assert!(matches!(held.verify(), Err(Error::RogueDeletion { replaced: true, .. })));
    assert!(matches!(held.unlock(), Err(Error::RogueDeletion { replaced: true, .. })));
    assert_eq!(fs::read_to_string(&place.path).unwrap(), "somebody else's\n");
    let err = held.try_lock().unwrap_err();
    assert!(matches!(err, Error::InvalidPid { .. }), "{err}");
}

#[test]
fn what_is_no_file_is_no_lockfile() {
    let place = place();
    fs::create_dir(&place.path).unwrap();
    let err = Lockfile::acquire(&place.path).unwrap_err();
    assert!(matches!(err, Error::NotALockfile { kind: "a directory", .. }), "{err}");
}

#[test]
fn a_kept_file_says_who_held_it_last() {
    let place = place();
    for _ in 0..3 {
        Lockfile::new(&place.path).keep_file(true).try_lock_value().unlock().unwrap();
    }
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.state(), State::Free);
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn many_share_and_one_alone_keeps_them_out() {
    let place = place();
    let [mut one, mut other, mut alone] = [(); 3].map(|()| Lockfile::new(&place.path));
    one.try_lock_shared().unwrap();
    other.try_lock_shared().unwrap();
    assert!(alone.try_lock().unwrap_err().is_busy());
    let named = alone.status().unwrap().holder().map(tenure::Holder::pid);
    // Where nobody can set marks, nobody of those who share is the one whom the record names.
    let has_marks = !cfg!(all(target_env = "gnu", target_pointer_width = "32"));
    assert_eq!(named, has_marks.then(std::process::id));
    one.unlock().unwrap();
    assert!(alone.try_lock().unwrap_err().is_busy());
    other.unlock().unwrap();
    alone.try_lock().unwrap();
    assert!(one.try_lock_shared().unwrap_err().is_busy());
    alone.unlock().unwrap();
    // Nor can the creator say that the empty file, which others share by then, is of this crate.
    assert_eq!(place.names().is_empty(), has_marks, "{:?}", place.names());
}

#[test]
fn a_lock_that_is_a_name_is_recovered_as_well() {
    let place = place();
    let mut holder = Peer::with(&place.path, "hardlink");
    assert_eq!(holder.ask("try_lock"), "ok");
    let mut lock = Lockfile::new(&place.path).backend(Hardlink);
    assert!(lock.try_lock().unwrap_err().is_busy());
    let dead = holder.crash();
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

#[test]
fn slots_admit_as_many_as_there_are() {
    let place = place();
    let [mut one, mut two, mut three] = [(); 3].map(|()| Slots::new(&place.path, 2));
    one.try_lock().unwrap();
    two.try_lock().unwrap();
    assert!(three.try_lock().unwrap_err().is_busy());
    let waiter = thread::spawn(move || three.lock());
    two.unlock().unwrap();
    waiter.join().unwrap().unwrap();
}

#[test]
fn a_name_has_a_place() {
    let name = format!("tenure-portable-{}", std::process::id());
    let mut lock = Lockfile::named(&name).unwrap();
    lock.try_lock().unwrap();
    assert!(Lockfile::named(&name).unwrap().try_lock().unwrap_err().is_busy());
}

#[test]
fn a_lock_that_cannot_change_hands_says_so_and_stays() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).backend(Hardlink);
    assert!(!lock.inherit().unwrap());
    lock.try_lock().unwrap();
    let mut command = Command::new("no-such-program");
    let err = lock.pass_to(&mut command).unwrap_err();
    assert!(matches!(err, Error::Unsupported { .. }), "{err}");
    assert!(command.get_envs().next().is_none());
    lock.rebind().unwrap();
    assert!(lock.is_held());
}
