//! Who really has the lock.

use std::fs::File;

use tenure::{Lockfile, Verdict, Why};

use crate::support::{Peer, place, wait_until};

fn pids(lock: &Lockfile) -> Vec<u32> {
    let mut pids: Vec<u32> =
        lock.status().unwrap().kernel_holders().iter().map(|holder| holder.process().pid).collect();
    pids.sort_unstable();
    pids
}

#[test]
fn the_holder_is_shown_and_those_who_wait_are_not() {
    let place = place();
    let reader = Lockfile::new(&place.path);
    assert!(pids(&reader).is_empty());
    let holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock");
    waiter.wait_until_queued();
    assert_eq!(pids(&reader), [holder.pid()]);
    holder.crash();
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(pids(&reader), [waiter.pid()]);
}

#[test]
fn a_child_that_outlives_the_holder_is_shown() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert_eq!(holder.ask("fork_and_outlive"), "ok");
    let reader = Lockfile::new(&place.path);
    let both = pids(&reader);
    assert!(both.len() == 2 && both.contains(&holder.pid()), "{both:?}");
    let dead = holder.kill();
    wait_until(|| !pids(&reader).contains(&dead));
    let status = reader.status().unwrap();
    assert_eq!(status.verdict(), Some(Verdict::Unproven(Why::Outlived)));
    assert_eq!(status.holder().unwrap().pid(), dead);
    let left: Vec<u32> = both.into_iter().filter(|pid| *pid != dead).collect();
    assert_eq!(pids(&reader), left);
}

#[test]
fn to_have_the_file_open_is_not_to_have_the_lock() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let open = File::open(&place.path).unwrap();
    assert_eq!(pids(&Lockfile::new(&place.path)), [holder.pid()]);
    drop(open);
}
