//! A forked child becomes the holder.

use std::fs;

use tenure::{Callback, Error, Lockfile, Memory, State};

use crate::support::obedience::in_child;
use crate::support::semaphore_name::SemaphoreName;
use crate::support::{Peer, place, wait_until};

/// `daemonize` and the parts of its answer: the child's PID, its result, its parent's last word.
fn daemonize(peer: &mut Peer, last: &str) -> (u32, String, String) {
    let answer = peer.ask(&format!("daemonize {last}"));
    let mut parts = answer.splitn(3, ' ');
    let mut part = || parts.next().unwrap().to_owned();
    (part().parse().unwrap(), part(), part())
}

#[test]
fn a_child_that_rebinds_is_the_holder() {
    let place = place();
    for options in ["", "keep", "pid", "pid-bare", "pid-line"] {
        let mut peer = Peer::with(&place.path, options);
        assert_eq!(peer.ask("try_lock"), "ok");
        let (daemon, result, last) = daemonize(&mut peer, "unlock");
        assert_eq!(result, "ok", "{options}");
        assert!(last.starts_with("NotHeld: "), "the parent's value is inert: {last}");
        let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
        assert_eq!(holder.pid(), daemon, "{options}");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy(), "{options}");
        assert_eq!(peer.ask("verify"), "ok");
        assert_eq!(peer.ask("set_message served"), "ok");
        assert_eq!(peer.ask("unlock"), "ok");
        Lockfile::acquire(&place.path).unwrap();
    }
}

/// The guard is the question in `Held::is_own` and the grip: without them, the parent removes the
/// daemon's file, unlocks it, or overwrites its record.
#[test]
fn whatever_the_parent_does_afterwards_does_no_harm() {
    let place = place();
    for last in ["drop", "unlock", "set_message x", "restore", "verify", "is_held", "try_lock"] {
        let mut peer = Peer::holding(&place.path);
        let (daemon, result, said) = daemonize(&mut peer, last);
        assert_eq!(result, "ok");
        assert!(["ok", "false"].contains(&&*said) == ["drop", "is_held"].contains(&last), "{said}");
        assert_eq!(peer.ask("verify"), "ok", "after {last}");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy(), "after {last}");
        assert_eq!(Lockfile::new(&place.path).holder().unwrap().unwrap().pid(), daemon);
        assert_eq!(peer.ask("unlock"), "ok");
        assert!(place.names().is_empty(), "after {last}");
    }
}

#[test]
fn the_record_keeps_the_message_and_the_time_and_has_another_nonce() {
    let place = place();
    let mut peer = Peer::with(&place.path, "message=backup");
    assert_eq!(peer.ask("try_lock"), "ok");
    let record = || Lockfile::new(&place.path).holder().unwrap().unwrap().record().clone();
    let before = record();
    daemonize(&mut peer, "drop");
    let after = record();
    assert_eq!(after.message, before.message);
    assert_eq!(after.acquired_at, before.acquired_at);
    assert_ne!(after.nonce, before.nonce);
    assert_ne!((after.pid, after.pidfd_inode), (before.pid, before.pidfd_inode));
}

#[test]
fn a_daemon_that_dies_is_recovered_and_named() {
    let place = place();
    let mut peer = Peer::holding(&place.path);
    let (daemon, ..) = daemonize(&mut peer, "drop");
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(daemon.try_into().unwrap()),
        nix::sys::signal::Signal::SIGKILL,
    )
    .unwrap();
    let mut lock = Lockfile::new(&place.path);
    lock.lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), daemon);
}

#[test]
fn a_second_child_is_told_that_it_is_too_late() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(
        in_child(|| {
            lock.rebind().unwrap();
            // A child of the child has it from here; its parent's parent has not.
            let grandchild = in_child(|| format!("{:?}", lock.rebind()));
            assert!(!lock.is_held());
            std::mem::forget(lock.clone());
            grandchild
        }),
        "Ok(())"
    );
    // Both have ended, and have left a record of the dead.
    let second = in_child(|| format!("{:?}", lock.rebind()));
    assert!(second.starts_with("Err(NotHeld"), "{second}");
    assert!(!lock.is_held());
    drop(lock);
    // Other tests fork in this process, and their children have the descriptor for a moment.
    wait_until(|| Lockfile::new(&place.path).status().unwrap().state() == State::Stale);
}

#[test]
fn a_child_of_a_holder_that_has_released_does_not_become_one() {
    let place = place();
    let mut peer = Peer::with(&place.path, "keep");
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("fork_and_rebind_late"), "ok");
    assert_eq!(peer.ask("unlock"), "ok");
    let other = Lockfile::acquire(&place.path).unwrap();
    let answer = peer.ask("late");
    assert!(answer.starts_with("NotHeld: "), "{answer}");
    other.verify().unwrap();
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
}

#[test]
fn a_child_of_a_holder_that_has_died_can_become_one() {
    let place = place();
    let mut peer = Peer::holding(&place.path);
    assert_eq!(peer.ask("fork_and_rebind_late"), "ok");
    peer.kill();
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy(), "the child has the descriptor");
    assert_eq!(peer.answer(), "ok");
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
}

#[test]
fn a_child_that_cannot_write_leaves_the_lock_with_its_parent() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let moved = place.dir().join("moved");
    fs::rename(&place.path, &moved).unwrap();
    let told = in_child(|| format!("{:?}", lock.rebind()));
    assert!(told.starts_with("Err(RogueDeletion"), "{told}");
    fs::rename(&moved, &place.path).unwrap();
    assert!(lock.is_held());
    lock.verify().unwrap();
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

#[test]
fn a_holder_rebinds_for_nothing() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let before = lock.record().cloned();
    lock.rebind().unwrap();
    assert_eq!(lock.record().cloned(), before);
    lock.unlock().unwrap();
    assert!(matches!(lock.rebind(), Err(Error::NotHeld { .. })));
}

#[test]
fn locks_that_belong_to_a_process_say_so_and_stay_where_they_are() {
    let place = place();
    let mut callback = Lockfile::new(place.dir().join("callback")).backend(Callback::new(
        "none",
        |_| Ok(true),
        |_| Ok(()),
    ));
    let mut memory = Lockfile::new(place.dir().join("memory")).backend(Memory::new());
    let mut linked = Lockfile::new(place.dir().join("linked")).backend(tenure::Hardlink);
    let mut semaphore = Lockfile::new(place.dir().join("semaphore")).backend(tenure::Semaphore);
    let mut shared = Lockfile::new(place.dir().join("shared"));
    for lock in [&mut callback, &mut memory, &mut linked, &mut semaphore] {
        lock.try_lock().unwrap();
    }
    shared.try_lock_shared().unwrap();
    for lock in [&mut callback, &mut memory, &mut linked, &mut semaphore, &mut shared] {
        let told = in_child(|| format!("{:?}", lock.rebind()));
        assert!(told.starts_with("Err(Unsupported"), "{told}");
        lock.verify().unwrap();
        lock.unlock().unwrap();
    }
    assert!(place.names().is_empty());
}

#[test]
fn a_posix_semaphore_goes_over_with_the_lock() {
    let place = place();
    let name = SemaphoreName::new();
    let mut peer = Peer::with(&place.path, &format!("posix-semaphore={}", &*name));
    assert_eq!(peer.ask("try_lock"), "ok");
    let (_, result, last) = daemonize(&mut peer, "unlock");
    assert_eq!(result, "ok");
    assert!(last.starts_with("NotHeld: "), "{last}");
    let contender =
        || Lockfile::new(&place.path).backend(tenure::PosixSemaphore::new(&*name).unwrap());
    assert!(contender().try_lock().unwrap_err().is_busy());
    assert_eq!(peer.ask("unlock"), "ok");
    contender().try_lock().unwrap();
}

#[test]
fn nobody_is_told_that_a_daemon_has_removed_its_own_file() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    lock.on_lost(move |loss| tell.send(loss).unwrap()).unwrap();
    assert_eq!(
        in_child(|| {
            lock.rebind().unwrap();
            lock.unlock().unwrap();
            "ok".to_owned()
        }),
        "ok"
    );
    drop(lock);
    // The end of the lookout, without a word.
    assert_eq!(told.recv().ok(), None);
}
