//! In what order those who wait are served.

use std::collections::VecDeque;

use nix::libc::{SYS_ppoll, SYS_semtimedop};

use crate::ground::{Ground, Kind};
use crate::support::Peer;

/// How it is seen that a peer waits.
type Waits = fn(&Peer);

/// Three who wait in `lock` are let in one after the other, as they came.
fn serves_in_the_order_of_coming(kind: Kind, waits: Waits) {
    let ground = kind.ground();
    let mut holder = ground.holder();
    let mut queue: VecDeque<Peer> = (0..3).map(|_| waiting(&ground, waits)).collect();
    while let Some(mut first) = queue.pop_front() {
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(first.answer(), "ok");
        assert!(queue.iter().all(|peer| !peer.has_answered()), "one at a time");
        holder = first;
    }
    assert_eq!(holder.ask("unlock"), "ok");
    assert!(!ground.path().exists());
}

fn waiting(ground: &Ground, waits: Waits) -> Peer {
    let mut peer = ground.peer();
    peer.tell("lock");
    waits(&peer);
    peer
}

/// Nobody who waits is left out, and that is all.
fn serves_everybody(kind: Kind) {
    const WAITERS: usize = 3;
    let ground = kind.ground();
    let mut held = ground.lockfile();
    held.try_lock().unwrap();
    std::thread::scope(|scope| {
        let waiters: Vec<_> =
            (0..WAITERS).map(|_| scope.spawn(|| ground.lockfile().with(|| ()).unwrap())).collect();
        held.unlock().unwrap();
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
    assert!(!ground.path().exists());
}

#[test]
fn flock_serves_in_the_order_of_the_kernels_queue() {
    serves_in_the_order_of_coming(Kind::Flock, Peer::wait_until_queued);
}

#[test]
fn semaphore_serves_in_the_order_of_the_kernels_queue() {
    serves_in_the_order_of_coming(Kind::Semaphore, |peer| peer.wait_until_in(SYS_semtimedop));
}

#[test]
fn posix_semaphore_serves_in_the_order_of_coming_on_this_host() {
    serves_in_the_order_of_coming(Kind::PosixSemaphore, |peer| peer.wait_until_in(SYS_ppoll));
}

#[test]
fn hardlink_serves_in_the_order_of_coming_on_this_host() {
    serves_in_the_order_of_coming(Kind::Hardlink, |peer| peer.wait_until_in(SYS_ppoll));
}

#[test]
fn memory_serves_everybody_in_any_order() {
    serves_everybody(Kind::Memory);
}

#[test]
fn callback_serves_everybody_in_any_order() {
    serves_everybody(Kind::Callback);
}
