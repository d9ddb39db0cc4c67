//! A dead holder's record, met by another backend than its own.

use std::fs;
use std::time::Duration;

use tenure::{Error, Foreign, Hardlink, Lockfile, Memory, PosixSemaphore, Result, Semaphore};

use crate::posix::scene;
use crate::support::{Peer, callback, place};

/// The error names the backend to use, and the record is left as it is.
fn assert_refused(lock: &mut Lockfile, backend: &str) {
    let before = fs::read(lock.path()).unwrap();
    let ways: [fn(&mut Lockfile) -> Result<()>; 4] = [
        Lockfile::try_lock,
        |lock| lock.lock_timeout(Duration::from_secs(1_000_000)),
        |lock| lock.release_stale().map(drop),
        |lock| {
            let incarnation = lock.status()?.holder().unwrap().record().incarnation().into_owned();
            lock.break_unproven(&incarnation).map(drop)
        },
    ];
    for way in ways {
        let err = way(lock).unwrap_err();
        assert!(matches!(err, Error::ProcessDead { .. }), "{lock:?}: {err:?}");
        assert!(err.to_string().contains(backend), "{lock:?}: {err}");
        assert_eq!(fs::read(lock.path()).unwrap(), before, "{lock:?}");
    }
}

#[test]
fn a_dead_holders_semaphore_is_not_lost_to_another_backend() {
    let (scene, other) = (scene(), scene());
    let dead = scene.holder().crash();
    let lock = || Lockfile::new(scene.path());
    let others = [
        lock(),
        lock().foreign(Foreign::Break),
        lock().replace_invalid(true),
        lock().backend(Semaphore),
        lock().backend(Hardlink),
        lock().backend(Memory::new()),
        lock().backend(callback()),
        lock().backend(PosixSemaphore::new(&*other.name).unwrap()),
    ];
    for mut lock in others {
        assert_refused(&mut lock, &format!("posix-semaphore:{}", scene.name));
    }
    let shared = lock().try_lock_shared().unwrap_err();
    assert!(matches!(shared, Error::ProcessDead { .. }), "{shared:?}");
    assert!(other.other.take(), "whoever was refused has given it back");
    let mut lock = scene.lockfile();
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    assert!(scene.other.take());
}

#[test]
fn what_a_dead_holder_linked_is_claimed_and_not_written_over() {
    let place = place();
    let mut holder = Peer::with(&place.path, "hardlink");
    assert_eq!(holder.ask("try_lock"), "ok");
    let dead = holder.crash();
    assert_refused(&mut Lockfile::new(&place.path), "hardlink");
    let mut lock = Lockfile::new(&place.path).backend(Hardlink);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

/// Nothing is known of the caller's own lock: it may be a lease that is not over.
#[test]
fn a_lock_of_which_nothing_is_known_may_outlive_its_holder() {
    let place = place();
    let mut holder = Peer::with(&place.path, "callback");
    assert_eq!(holder.ask("try_lock"), "ok");
    holder.crash();
    assert_refused(&mut Lockfile::new(&place.path), "set");
    Lockfile::new(&place.path).backend(callback()).try_lock().unwrap();
}

#[test]
fn a_lock_that_ends_with_its_holder_is_recovered_by_another_backend() {
    for options in ["", "semaphore", "memory"] {
        let place = place();
        let backends: [fn(Lockfile) -> Lockfile; 3] =
            [|lock| lock, |lock| lock.backend(Semaphore), |lock| lock.backend(Memory::new())];
        for backend in backends {
            let mut holder = Peer::with(&place.path, options);
            assert_eq!(holder.ask("try_lock"), "ok");
            let dead = holder.crash();
            let mut lock = backend(Lockfile::new(&place.path));
            lock.try_lock().unwrap();
            assert_eq!(lock.recovered_from().unwrap().pid(), dead, "{options}, {lock:?}");
            lock.unlock().unwrap();
        }
    }
}

#[test]
fn what_was_released_is_anybodys() {
    let scene = scene();
    let mut holder = Peer::with(scene.path(), &format!("{} keep", scene.options()));
    assert_eq!(holder.ask("try_lock"), "ok");
    assert_eq!(holder.ask("unlock"), "ok");
    let mut lock = Lockfile::new(scene.path());
    lock.try_lock().unwrap();
    assert!(!lock.was_abandoned());
}
