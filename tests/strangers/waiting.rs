//! A wait without a limit beside programs that lock bytes.

use std::fs;

use nix::libc;
use tenure::Lockfile;

use crate::scene::dead;
use crate::stranger::{Family, Lock, Stranger};
use crate::support::{Peer, Place, place, sleeps_in, wait_until};

const FLOCK: Lock = Lock::whole(Family::Flock, true);
const POSIX: Lock = Lock::whole(Family::Posix, true);

fn stale_file() -> Place {
    let place = place();
    fs::write(&place.path, format!("{}\n", dead())).unwrap();
    place
}

/// A peer that waits for the lock, while the stranger has the lock on bytes.
fn waiting(place: &Place) -> Peer {
    let mut peer = Peer::start(&place.path);
    peer.tell("lock");
    peer.wait_until_in(libc::SYS_fcntl);
    assert!(!peer.has_answered());
    peer
}

#[test]
fn a_wait_ends_when_the_locker_of_bytes_unlocks() {
    for lock in Lock::on_bytes() {
        let place = stale_file();
        let mut stranger = Stranger::at(&place.path);
        stranger.lock(lock);
        let mut peer = waiting(&place);
        stranger.unlock(lock);
        assert_eq!(peer.answer(), "ok", "{lock}");
    }
}

#[test]
fn a_wait_ends_when_the_locker_of_bytes_dies() {
    for lock in Lock::kinds() {
        let place = stale_file();
        let mut stranger = Stranger::at(&place.path);
        stranger.lock(lock);
        let mut peer = Peer::start(&place.path);
        peer.tell("lock");
        match lock.family {
            Family::Flock => peer.wait_until_queued(),
            _ => peer.wait_until_in(libc::SYS_fcntl),
        }
        drop(stranger);
        assert_eq!(peer.answer(), "ok", "{lock}");
    }
}

/// dovecot and others take both locks, the one on bytes first.
#[test]
fn a_wait_does_not_deadlock_with_a_program_that_takes_flock_last() {
    let place = stale_file();
    let mut stranger = Stranger::at(&place.path);
    stranger.lock(POSIX);
    let mut peer = waiting(&place);
    assert_eq!(stranger.ask(&format!("wait_for {FLOCK}")), "granted");
    assert!(!peer.has_answered());
    stranger.unlock(FLOCK);
    assert!(!peer.has_answered());
    stranger.unlock(POSIX);
    assert_eq!(peer.answer(), "ok");
}

#[test]
fn a_program_that_takes_flock_last_waits_for_a_tenure_holder_and_then_gets_both() {
    let place = stale_file();
    let mut holder = Peer::holding(&place.path);
    let mut stranger = Stranger::at(&place.path);
    stranger.tell(&format!("wait_for {POSIX}"));
    wait_until(|| sleeps_in(stranger.pid(), None, libc::SYS_fcntl));
    assert!(!stranger.has_answered());
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(stranger.answer(), "granted");
    assert!(stranger.gets(FLOCK));
    assert!(Lockfile::new(&place.path).try_lock().unwrap_err().is_busy());
}

/// As tenure itself does.
#[test]
fn a_wait_does_not_deadlock_with_a_program_that_takes_flock_first() {
    let place = stale_file();
    let mut stranger = Stranger::at(&place.path);
    stranger.lock(FLOCK);
    let mut peer = Peer::start(&place.path);
    peer.tell("lock");
    peer.wait_until_queued();
    stranger.lock(POSIX);
    stranger.unlock(FLOCK);
    peer.wait_until_in(libc::SYS_fcntl);
    assert!(!peer.has_answered());
    stranger.unlock(POSIX);
    assert_eq!(peer.answer(), "ok");
}

#[test]
fn a_wait_does_not_deadlock_with_a_program_that_takes_flock_first_and_then_a_byte() {
    let place = stale_file();
    for byte in Lock::on_bytes().into_iter().filter(|lock| *lock != lock.on_the_whole_file()) {
        let mut stranger = Stranger::at(&place.path);
        stranger.lock(FLOCK);
        let mut peer = Peer::start(&place.path);
        peer.tell("lock");
        peer.wait_until_queued();
        stranger.lock(byte);
        stranger.unlock(FLOCK);
        peer.wait_until_in(libc::SYS_fcntl);
        assert!(!peer.has_answered());
        stranger.unlock(byte);
        assert_eq!(peer.answer(), "ok", "{byte}");
    }
}

#[test]
fn a_wait_to_share_ends_when_the_writer_of_bytes_unlocks() {
    let place = stale_file();
    let mut stranger = Stranger::at(&place.path);
    stranger.lock(POSIX);
    let mut peer = Peer::start(&place.path);
    peer.tell("lock_shared");
    peer.wait_until_in(libc::SYS_fcntl);
    stranger.unlock(POSIX);
    assert_eq!(peer.answer(), "ok");
}

#[test]
fn a_wait_with_a_limit_ends_when_the_locker_of_bytes_unlocks() {
    for lock in Lock::kinds() {
        let place = stale_file();
        let mut stranger = Stranger::at(&place.path);
        stranger.lock(lock);
        let mut peer = Peer::start(&place.path);
        peer.tell("lock_timeout 1000000");
        peer.wait_until_in(libc::SYS_ppoll);
        assert!(!peer.has_answered(), "{lock}");
        stranger.unlock(lock);
        assert_eq!(peer.answer(), "ok", "{lock}");
    }
}
