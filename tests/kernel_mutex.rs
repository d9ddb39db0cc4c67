//! The mutex of the Windows kernel: one holder, in whatever thread or process, and a death that is
//! told of.
#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "support/portable.rs"]
mod support;

use std::path::Path;
use std::time::Duration;

use support::Peer;
use tenure::{Error, KernelMutex, Lock, State};

fn open(name: &str) -> KernelMutex {
    // Of this process, so that tests that run at the same time do not meet.
    KernelMutex::open(&format!("tenure {name} {}", std::process::id())).unwrap()
}

#[test]
fn two_values_exclude_each_other_in_one_thread_as_well() {
    let (mut one, mut other) = (open("pair"), open("pair"));
    for _ in 0..3 {
        one.try_lock().unwrap();
        assert!(one.is_held() && !one.was_abandoned());
        assert!(other.try_lock().unwrap_err().is_busy());
        let late = other.lock_timeout(Duration::from_millis(5));
        assert!(matches!(late, Err(Error::Timeout { .. })), "{late:?}");
        assert!(matches!(one.try_lock(), Err(Error::AlreadyHeld { .. })));
        one.unlock().unwrap();
        assert!(matches!(one.unlock(), Err(Error::NotHeld { .. })));
        std::mem::swap(&mut one, &mut other);
    }
}

#[test]
fn another_thread_may_unlock() {
    let mut held = open("moved");
    held.lock().unwrap();
    std::thread::spawn(move || held.unlock().unwrap()).join().unwrap();
    open("moved").try_lock().unwrap();
}

#[test]
fn whoever_waits_is_next() {
    let mut held = open("waiting");
    held.lock().unwrap();
    let waiter = std::thread::spawn(|| {
        let mut waiter = open("waiting");
        waiter.lock().unwrap();
        waiter.is_held()
    });
    drop(held);
    assert!(waiter.join().unwrap());
}

#[test]
fn a_look_is_in_nobodys_way_and_takes_nothing_away() {
    let (mut held, other) = (open("status"), open("status"));
    let state = || other.status().unwrap().state();
    assert_eq!(state(), State::Free);
    held.lock().unwrap();
    assert_eq!(state(), State::Held);
    held.unlock().unwrap();
    assert_eq!(state(), State::Free);
}

#[test]
fn a_death_is_told_to_the_next_and_to_no_later_one() {
    let name = format!("tenure death {}", std::process::id());
    let mut next = KernelMutex::open(&name).unwrap();
    let mut holder = Peer::with(Path::new(&name), "kernel-mutex");
    assert_eq!(holder.ask("try_lock"), "ok");
    assert!(next.try_lock().unwrap_err().is_busy(), "another process has it");
    holder.crash();
    assert_eq!(next.status().unwrap().state(), State::Stale);
    next.lock().unwrap();
    assert!(next.was_abandoned());
    next.unlock().unwrap();
    next.lock().unwrap();
    assert!(!next.was_abandoned(), "it was released since");
}
