//! The mechanisms between processes: `file`, `sema` (two kinds) and `smem`, each of which does all
//! that the trait promises.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use nix::libc::{SYS_flock, SYS_ppoll, SYS_semtimedop};
use tenure::{Error, Lock, Lockfile, PosixSemaphore, Semaphore, State, lock_until_finished};

use crate::scene::LONG;
use crate::support::semaphore_name::SemaphoreName;
use crate::support::{Peer, Place, place};

/// Opens the lock at a path.
type Maker = Box<dyn Fn(&Path) -> Box<dyn Lock>>;

/// A lock between processes, as this one makes it and as peers do.
struct Mechanism {
    name: &'static str,
    /// What peers are told, so that they use it.
    options: String,
    make: Maker,
    /// The system calls in which those wait who have no limit, and those who have one.
    waits_in: [i64; 2],
}

impl Mechanism {
    fn peer(&self, place: &Place) -> Peer {
        let mut peer = Peer::with(&place.path, &self.options);
        if self.options == "robust-mutex" {
            assert_eq!(peer.ask("open"), "ok");
        }
        peer
    }

    fn holding(&self, place: &Place) -> Peer {
        let mut peer = self.peer(place);
        assert_eq!(peer.ask("try_lock"), "ok", "{}", self.name);
        peer
    }

    fn lock(&self, place: &Place) -> Box<dyn Lock> {
        (self.make)(&place.path)
    }
}

/// Runs `scene` with each mechanism, in a place of its own.
fn with_each(scene: impl Fn(&Mechanism, &Place)) {
    let name = SemaphoreName::new();
    let posix = name.to_owned();
    let mechanisms = [
        Mechanism {
            name: "file",
            options: String::new(),
            make: Box::new(|path| Box::new(Lockfile::new(path))),
            waits_in: [SYS_flock, SYS_ppoll],
        },
        Mechanism {
            name: "sema, System V",
            options: "semaphore".to_owned(),
            make: Box::new(|path| Box::new(Lockfile::new(path).backend(Semaphore))),
            waits_in: [SYS_semtimedop; 2],
        },
        Mechanism {
            name: "sema, POSIX",
            options: format!("posix-semaphore={posix}"),
            make: Box::new(move |path| {
                let semaphore = PosixSemaphore::new(&*posix).unwrap();
                Box::new(Lockfile::new(path).backend(semaphore))
            }),
            waits_in: [SYS_ppoll; 2],
        },
        #[cfg(feature = "robust-mutex")]
        Mechanism {
            name: "smem",
            options: "robust-mutex".to_owned(),
            make: Box::new(|path| Box::new(tenure::RobustMutex::open(path).unwrap())),
            waits_in: [nix::libc::SYS_futex; 2],
        },
    ];
    for mechanism in mechanisms {
        scene(&mechanism, &place());
    }
}

/// Trying does not wait: one process has it, the other is told so, and has it afterwards.
#[test]
fn every_mechanism_keeps_a_second_process_out() {
    with_each(|mechanism, place| {
        let (mut holder, mut lock) = (mechanism.holding(place), mechanism.lock(place));
        let busy = lock.try_lock().unwrap_err();
        assert!(matches!(busy, Error::Busy { .. }), "{}: {busy:?}", mechanism.name);
        assert_eq!(busy.holder().unwrap().pid(), holder.pid(), "{}", mechanism.name);
        assert_eq!(holder.ask("unlock"), "ok", "{}", mechanism.name);
        lock.try_lock().unwrap();
        assert!(holder.ask("try_lock").starts_with("Busy: "), "{}", mechanism.name);
        lock.unlock().unwrap();
        assert_eq!(holder.ask("try_lock"), "ok", "{}", mechanism.name);
    });
}

/// A wait with a limit ends with it, and names who was in the way.
#[test]
fn every_mechanism_keeps_to_a_limit() {
    with_each(|mechanism, place| {
        let holder = mechanism.holding(place);
        let mut lock = mechanism.lock(place);
        for limit in [Duration::ZERO, Duration::from_millis(10)] {
            let late = lock.lock_timeout(limit).unwrap_err();
            assert!(matches!(late, Error::Timeout { .. }), "{}: {late:?}", mechanism.name);
            assert_eq!(late.holder().unwrap().pid(), holder.pid(), "{}", mechanism.name);
            assert!(!lock.is_held(), "{}", mechanism.name);
        }
    });
}

/// A wait, with a limit or without, ends with the release or the death of the holder, and sleeps
/// until then.
#[test]
fn every_mechanism_hands_over_to_who_waits() {
    with_each(|mechanism, place| {
        for (command, waits_in) in ["lock", LONG].into_iter().zip(mechanism.waits_in) {
            for dies in [false, true] {
                let case = format!("{}, {command}, {dies}", mechanism.name);
                let mut holder = mechanism.holding(place);
                let mut waiter = mechanism.peer(place);
                waiter.tell(command);
                waiter.wait_until_in(waits_in);
                assert!(!waiter.has_answered(), "{case}");
                if dies {
                    holder.kill();
                } else {
                    assert_eq!(holder.ask("unlock"), "ok", "{case}");
                }
                assert_eq!(waiter.answer(), "ok", "{case}");
                assert_eq!(waiter.ask("unlock"), "ok", "{case}");
            }
        }
    });
}

/// What a killed holder leaves is no obstacle, and whoever comes next is told of it.
#[test]
fn every_mechanism_recovers_from_a_killed_holder() {
    with_each(|mechanism, place| {
        mechanism.holding(place).crash();
        let mut lock = mechanism.lock(place);
        lock.try_lock().unwrap();
        assert!(lock.was_abandoned(), "{}", mechanism.name);
        lock.unlock().unwrap();
        lock.try_lock().unwrap();
        assert!(!lock.was_abandoned(), "{}", mechanism.name);
    });
}

/// The status tells a stale lock from a free one.
#[test]
fn every_mechanism_tells_its_status() {
    with_each(|mechanism, place| {
        let mut lock = mechanism.lock(place);
        let state = |lock: &dyn Lock| lock.status().unwrap().state();
        assert_eq!(state(&lock), State::Free, "{}", mechanism.name);
        lock.lock().unwrap();
        assert_eq!(state(&lock), State::Held, "{}", mechanism.name);
        lock.unlock().unwrap();
        assert_eq!(state(&lock), State::Free, "{}", mechanism.name);
        mechanism.holding(place).crash();
        assert_eq!(state(&lock), State::Stale, "{}", mechanism.name);
        lock.lock().unwrap();
        lock.unlock().unwrap();
        assert_eq!(state(&lock), State::Free, "{}: and nothing is left", mechanism.name);
    });
}

/// `lock_until_finished`: a closure in a lock; what that returns is handed on, an error of its own
/// as well.
#[test]
fn every_mechanism_guards_a_section_until_it_is_finished() {
    with_each(|mechanism, place| {
        let mut lock = mechanism.lock(place);
        let mut other = mechanism.peer(place);
        let result: std::result::Result<(), &str> = lock_until_finished(&mut lock, || {
            assert!(other.ask("try_lock").starts_with("Busy: "), "{}", mechanism.name);
            Err("an error of the section")
        })
        .unwrap();
        assert_eq!(result, Err("an error of the section"));
        assert!(!lock.is_held(), "{}", mechanism.name);
        assert_eq!(other.ask("try_lock"), "ok", "{}", mechanism.name);
        assert_eq!(other.ask("unlock"), "ok", "{}", mechanism.name);
        let panicking =
            AssertUnwindSafe(|| lock_until_finished(&mut lock, || panic!("in the section")));
        assert!(catch_unwind(panicking).is_err());
        assert_eq!(other.ask("try_lock"), "ok", "{}: after a panic", mechanism.name);
    });
}

/// Dropping a value releases.
#[test]
fn every_mechanism_releases_when_its_value_is_dropped() {
    with_each(|mechanism, place| {
        let mut lock = mechanism.lock(place);
        lock.lock().unwrap();
        drop(lock);
        mechanism.holding(place);
    });
}
