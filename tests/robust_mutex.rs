//! `RobustMutex`: one holder at a time, whoever dies, and nothing that is not ours is touched.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "robust_mutex/endings.rs"]
mod endings;
#[path = "robust_mutex/files.rs"]
mod files;
#[path = "robust_mutex/frames.rs"]
mod frames;
mod support;
#[path = "robust_mutex/system_calls.rs"]
mod system_calls;

use std::path::Path;
use std::time::Duration;

use nix::libc;
use support::{Peer, place};
use tenure::{Error, Lock, RobustMutex, State, Verdict, Why};

pub(crate) fn start(path: &Path) -> Peer {
    Peer::with(path, "robust-mutex")
}

/// A peer that has the mutex open.
pub(crate) fn opened(path: &Path) -> Peer {
    let mut peer = start(path);
    assert_eq!(peer.ask("open"), "ok");
    peer
}

pub(crate) fn holding(path: &Path) -> Peer {
    let mut peer = opened(path);
    assert_eq!(peer.ask("try_lock"), "ok");
    peer
}

#[test]
fn processes_take_turns() {
    let place = place();
    let inside = place.dir().join("inside");
    let mut peers: Vec<_> = (0..4).map(|_| opened(&place.path)).collect();
    for peer in &mut peers {
        peer.tell(&format!("take_turns {}", inside.display()));
    }
    for peer in &mut peers {
        assert_eq!(peer.answer(), "ok");
    }
}

#[test]
fn who_waits_is_woken_by_the_release() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    let mut waiter = opened(&place.path);
    for command in ["lock", "lock_timeout 1000000000"] {
        lock.lock().unwrap();
        waiter.tell(command);
        waiter.wait_until_in(libc::SYS_futex);
        assert!(!waiter.has_answered());
        lock.unlock().unwrap();
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(waiter.ask("was_abandoned"), "false");
        assert_eq!(waiter.ask("unlock"), "ok");
    }
}

#[test]
fn waiting_ends_with_the_limit_and_names_the_holder() {
    let place = place();
    let holder = holding(&place.path);
    let mut lock = RobustMutex::open(&place.path).unwrap();
    for limit in [Duration::ZERO, Duration::from_millis(20)] {
        let late = lock.lock_timeout(limit).unwrap_err();
        assert!(matches!(late, Error::Timeout { .. }), "{late:?}");
        assert_eq!(late.holder().unwrap().pid(), holder.pid());
    }
    assert!(!lock.is_held());
}

#[test]
fn the_holder_is_named_while_it_holds() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    assert_eq!(lock.status().unwrap().state(), State::Free);
    let mut holder = holding(&place.path);

    let busy = lock.try_lock().unwrap_err();
    assert!(matches!(busy, Error::Busy { .. }), "{busy:?}");
    let status = lock.status().unwrap();
    assert_eq!((status.state(), status.verdict()), (State::Held, Some(Verdict::Live)));
    for named in [busy.holder().unwrap(), status.holder().unwrap()] {
        assert_eq!(named.pid(), holder.pid());
        assert!(named.program().unwrap().starts_with("robust_mutex"), "{named}");
        assert!(named.host().is_some() && named.acquired_at().is_some());
        assert!(named.age().unwrap() < Duration::from_secs(3600), "{named}");
    }

    assert_eq!(holder.ask("unlock"), "ok");
    let status = lock.status().unwrap();
    assert_eq!(status.state(), State::Free);
    assert!(status.holder().is_none());
    assert_eq!(holder.ask("lock"), "ok");
    drop(holder);
    assert_eq!(lock.status().unwrap().state(), State::Free, "it was dropped, and so released");
}

#[test]
fn each_acquisition_has_a_nonce() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    let mut nonces = (0..3).map(|_| {
        lock.lock().unwrap();
        let nonce = lock.status().unwrap().holder().unwrap().record().nonce.clone().unwrap();
        lock.unlock().unwrap();
        nonce
    });
    let (first, second) = (nonces.next().unwrap(), nonces.next().unwrap());
    assert_ne!(first, second);
}

#[test]
fn a_thread_does_not_wait_for_itself() {
    let place = place();
    let mut one = RobustMutex::open(&place.path).unwrap();
    let mut other = RobustMutex::open(&place.path).unwrap();
    one.lock().unwrap();
    assert!(matches!(other.try_lock(), Err(Error::Busy { .. })));
    assert!(matches!(other.lock(), Err(Error::Deadlock { .. })));
    let limited = other.lock_timeout(Duration::MAX);
    assert!(matches!(limited, Err(Error::Deadlock { .. })), "{limited:?}");
    assert!(matches!(one.lock(), Err(Error::AlreadyHeld { .. })));
    assert!(matches!(other.unlock(), Err(Error::NotHeld { .. })));
    drop(other);
    assert!(one.is_held(), "dropping what holds nothing releases nothing");
    one.unlock().unwrap();
}

#[test]
fn a_look_at_what_a_dead_holder_left_changes_nothing() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    let pid = holding(&place.path).crash();
    for _ in 0..2 {
        let status = lock.status().unwrap();
        let verdict = Verdict::Stale(Why::Abandoned);
        assert_eq!((status.state(), status.verdict()), (State::Stale, Some(verdict)));
        assert_eq!(status.holder().unwrap().pid(), pid);
    }
    lock.try_lock().unwrap();
    assert!(lock.was_abandoned());
}
