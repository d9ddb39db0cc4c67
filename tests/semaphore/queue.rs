//! Waiting in the semaphore's queue.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::libc::{SYS_ppoll, SYS_semtimedop};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::{Pid, getpid, gettid};
use tenure::{Backend, Error, Semaphore};

use crate::admission::{assert_refused, lockfile, wipe};
use crate::sets::{ALONE, only_set, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place, sleeps_in, wait_until};

const LONG: &str = "lock_timeout 1000000000";

fn waiting(path: &Path, options: &str, command: &str) -> Peer {
    let mut peer = Peer::with(path, options);
    peer.tell(command);
    peer.wait_until_in(SYS_semtimedop);
    peer
}

fn holding(path: &Path, options: &str) -> Peer {
    let mut peer = Peer::with(path, options);
    assert_eq!(peer.ask("try_lock"), "ok");
    peer
}

#[test]
fn those_who_wait_are_served_in_the_order_of_their_coming_with_a_limit_or_without() {
    elsewhere(ALONE, &[], || {
        for options in ["semaphore", "semaphore keep"] {
            let place = place();
            let mut holder = holding(&place.path, options);
            let set = only_set();
            let commands = ["lock", LONG, LONG, "lock"];
            let mut queue = commands.map(|command| waiting(&place.path, options, command));
            for first in 0..queue.len() {
                assert_eq!(holder.ask("unlock"), "ok");
                assert_eq!(queue[first].answer(), "ok");
                assert!(queue[first + 1..].iter().all(|peer| !peer.has_answered()));
                assert_eq!(only_set(), set, "they need not begin again");
                std::mem::swap(&mut holder, &mut queue[first]);
            }
            assert_eq!(holder.ask("unlock"), "ok");
            assert!(sets().is_empty(), "{:?}", sets());
        }
    });
}

#[test]
fn a_release_leaves_the_file_to_those_who_wait_and_the_last_removes_it() {
    let place = place();
    let mut holder = holding(&place.path, "semaphore");
    let inode = || fs::metadata(&place.path).unwrap().ino();
    let left = inode();
    let mut second = waiting(&place.path, "semaphore", LONG);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(second.answer(), "ok");
    assert_eq!(inode(), left);
    assert_eq!(second.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}

#[test]
fn a_holders_death_wakes_exactly_the_first() {
    let place = place();
    let mut holder = holding(&place.path, "semaphore");
    // The kernel takes semaphores back before it closes files, and only then has the process ended.
    assert_eq!(holder.ask("open_many"), "ok");
    let [mut first, mut second] = ["lock", LONG].map(|how| waiting(&place.path, "semaphore", how));
    let dead = holder.crash();
    assert_eq!(first.answer(), "ok");
    assert_eq!(first.ask("recovered"), dead.to_string());
    second.wait_until_in(SYS_semtimedop);
    assert!(!second.has_answered());
    first.crash();
    assert_eq!(second.answer(), "ok");
}

#[test]
fn whoever_dies_waiting_is_passed_over() {
    let place = place();
    let mut holder = holding(&place.path, "semaphore");
    let [first, mut second] = ["lock", "lock"].map(|how| waiting(&place.path, "semaphore", how));
    first.crash();
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(second.answer(), "ok");
    assert_refused(&place.path);
}

#[test]
fn a_wait_ends_at_its_limit_and_not_before() {
    let place = place();
    let mut holder = holding(&place.path, "semaphore");
    let mut lock = lockfile(&place.path);
    for limit in [Duration::ZERO, Duration::from_millis(20)] {
        let began = Instant::now();
        match lock.lock_timeout(limit) {
            Err(Error::Timeout { holder: Some(named), .. }) => {
                assert_eq!(named.pid(), holder.pid());
            }
            other => panic!("{other:?}"),
        }
        assert!(began.elapsed() >= limit);
    }
    assert_refused(&place.path);
    assert_eq!(holder.ask("unlock"), "ok");
    lock.lock_timeout(Duration::ZERO).unwrap();
}

#[test]
fn a_signal_handler_does_not_end_the_wait() {
    let place = place();
    let mut holder = holding(&place.path, "semaphore");
    let mut waiter = waiting(&place.path, "semaphore", "lock_in_signals");
    for _ in 0..10 {
        waiter.interrupt();
        waiter.wait_until_in(SYS_semtimedop);
    }
    assert!(!waiter.has_answered());
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("signals"), "some");
}

#[test]
#[expect(unsafe_code, reason = "nix has no tgkill, and marks handlers")]
fn a_signal_handler_does_not_end_the_wait_of_the_backend_itself() {
    extern "C" fn nothing(_: i32) {}
    let place = place();
    let holder = holding(&place.path, "semaphore");
    let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.unwrap();
    let waiter = Waiter::start(&place.path, || ());
    for _ in 0..10 {
        // SAFETY: tgkill takes three integers and touches no memory.
        let sent = unsafe {
            let (group, signal) = (getpid().as_raw(), Signal::SIGUSR1 as i32);
            nix::libc::syscall(nix::libc::SYS_tgkill, group, waiter.thread.as_raw(), signal)
        };
        assert_eq!(sent, 0);
        waiter.wait_until_waiting();
    }
    holder.crash();
    waiter.join();
}

/// A thread of this process that waits by the backend itself.
struct Waiter<T> {
    thread: Pid,
    handle: JoinHandle<T>,
}

impl<T: Send + 'static> Waiter<T> {
    /// Returns once it waits. `then`: what it does when it has the semaphore.
    fn start(path: &Path, then: impl FnOnce() -> T + Send + 'static) -> Self {
        let (tell, told) = mpsc::channel();
        let path = path.to_owned();
        let handle = std::thread::spawn(move || {
            let file = File::open(&path).unwrap();
            tell.send(gettid()).unwrap();
            assert!(Semaphore.wait(&file, &path, None).unwrap());
            let value = then();
            Semaphore.release(&file, &path).unwrap();
            value
        });
        let waiter = Self { thread: told.recv().unwrap(), handle };
        waiter.wait_until_waiting();
        waiter
    }

    fn wait_until_waiting(&self) {
        wait_until(|| sleeps_in(std::process::id(), Some(self.thread), SYS_semtimedop));
    }

    fn join(self) -> T {
        self.handle.join().unwrap()
    }
}

/// The record is not looked at while waiting, and need not be there.
#[test]
fn a_wait_for_a_holder_without_a_record_ends_with_its_release() {
    let place = place();
    let mut holder = holding(&place.path, "semaphore");
    wipe(&place.path);
    let mut waiter = waiting(&place.path, "semaphore", "lock");
    assert!(holder.ask("unlock").starts_with("Overwritten: "));
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("verify"), "ok");
}

/// Each has the file open, which is empty and names nobody, and none of them has said so by a lock.
#[test]
fn those_who_wait_for_a_file_that_a_program_had_open_are_not_in_each_others_way() {
    elsewhere(ALONE, &[], || {
        for options in ["semaphore", ""] {
            let place = place();
            fs::write(&place.path, "").unwrap();
            let stranger = File::open(&place.path).unwrap();
            let mut peers: Vec<_> = (0..3).map(|_| Peer::with(&place.path, options)).collect();
            for peer in &mut peers {
                peer.tell("lock");
                wait_until(|| sleeps_in(peer.pid(), None, SYS_ppoll));
            }
            drop(stranger);
            for peer in &mut peers {
                peer.tell("unlock");
            }
            for peer in &mut peers {
                assert_eq!([peer.answer(), peer.answer()], ["ok", "ok"], "{options}");
            }
        }
    });
}
