//! Waiting until a lock is free, without wanting it.
#![cfg(any(target_os = "linux", target_os = "android"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::unistd::gettid;
use support::{Peer, leave_stale, place, sleeps_in, wait_until};
use tenure::{Error, Lockfile, State};

#[test]
fn what_is_free_or_stale_is_seen_at_once_and_left_alone() {
    let place = place();
    let lock = Lockfile::new(&place.path);
    assert_eq!(lock.wait_until_free(None).unwrap().state(), State::Free);
    assert!(place.names().is_empty());
    let dead = leave_stale(&place.path);
    let status = lock.wait_until_free(Some(Duration::ZERO)).unwrap();
    assert_eq!(status.state(), State::Stale);
    assert_eq!(status.holder().unwrap().pid(), dead);
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_limit_of_zero_looks_once_and_names_the_holder() {
    let place = place();
    let holder = Peer::holding(&place.path);
    match Lockfile::new(&place.path).wait_until_free(Some(Duration::ZERO)) {
        Err(Error::Timeout { holder: Some(seen), .. }) => assert_eq!(seen.pid(), holder.pid()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_release_and_the_death_of_the_holder_are_told_apart() {
    for (crash, state) in [(false, State::Free), (true, State::Stale)] {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let lock = Lockfile::new(&place.path);
        thread::scope(|scope| {
            let (tell, told) = channel();
            let waiting = scope.spawn(move || {
                tell.send(gettid()).unwrap();
                lock.wait_until_free(None)
            });
            let thread = told.recv().unwrap();
            wait_until(|| sleeps_in(std::process::id(), Some(thread), libc::SYS_ppoll));
            if crash {
                holder.kill();
            } else {
                assert_eq!(holder.ask("unlock"), "ok");
            }
            assert_eq!(waiting.join().unwrap().unwrap().state(), state);
        });
    }
}

#[test]
fn nobody_waits_for_himself() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    lock.try_lock().unwrap();
    assert!(matches!(lock.wait_until_free(None), Err(Error::AlreadyHeld { .. })));
    let other = lock.clone();
    assert!(matches!(other.wait_until_free(None), Err(Error::Deadlock { .. })));
}
