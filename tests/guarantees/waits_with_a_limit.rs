//! A wait with a limit is ended by the release, or by the holder's death.

use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use nix::libc::{SYS_futex, SYS_ppoll, SYS_semtimedop};
use nix::unistd::gettid;
use tenure::Error;

use crate::ground::Kind;
use crate::support::{sleeps_in, wait_until};

/// Longer than any test may take.
const LONG: &str = "lock_timeout 1000000000";

/// Sleeps in `sleep` until it is woken.
fn is_woken_in_a_wait_with_a_limit(kind: Kind, sleep: i64) {
    let ground = kind.ground();
    let mut holder = ground.holder();
    let mut waiter = ground.peer();
    assert!(waiter.ask("lock_timeout 1").starts_with("Timeout: "));
    waiter.tell(LONG);
    waiter.wait_until_in(sleep);
    assert!(!waiter.has_answered());
    // It would look now and then without, too.
    assert_eq!(watches(waiter.pid()), sleep == SYS_ppoll);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    holder.tell(LONG);
    holder.wait_until_in(sleep);
    let dead = waiter.crash();
    assert_eq!(holder.answer(), "ok");
    assert_eq!(holder.ask("recovered"), dead.to_string());
}

/// Whether the process is told by inotify(7) what happens to files.
fn watches(pid: u32) -> bool {
    let infos = fs::read_dir(format!("/proc/{pid}/fdinfo")).unwrap();
    infos.map(|info| fs::read_to_string(info.unwrap().path())).any(|info| {
        // One that was closed meanwhile tells nothing.
        info.unwrap_or_default().contains("inotify wd:")
    })
}

/// The same for two of one process, where the lock itself is what they wait for.
fn is_woken_in_one_process(kind: Kind, sleep: i64) {
    let ground = kind.ground();
    let (mut holder, mut waiter) = (ground.lockfile(), ground.lockfile());
    holder.try_lock().unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let late = waiter.lock_timeout(Duration::from_millis(1));
            assert!(matches!(late, Err(Error::Timeout { .. })), "{late:?}");
            tell.send(gettid()).unwrap();
            waiter.lock_timeout(Duration::from_secs(1_000_000))
        });
        let thread = told.recv().unwrap();
        wait_until(|| sleeps_in(std::process::id(), Some(thread), sleep));
        holder.unlock().unwrap();
        waiting.join().unwrap().unwrap();
    });
}

#[test]
fn flock_is_woken_in_a_wait_with_a_limit() {
    is_woken_in_a_wait_with_a_limit(Kind::Flock, SYS_ppoll);
}

#[test]
fn semaphore_waits_with_a_limit_in_the_kernels_queue() {
    is_woken_in_a_wait_with_a_limit(Kind::Semaphore, SYS_semtimedop);
}

#[test]
fn posix_semaphore_is_woken_in_a_wait_with_a_limit() {
    is_woken_in_a_wait_with_a_limit(Kind::PosixSemaphore, SYS_ppoll);
}

#[test]
fn hardlink_is_woken_in_a_wait_with_a_limit() {
    is_woken_in_a_wait_with_a_limit(Kind::Hardlink, SYS_ppoll);
}

#[test]
fn memory_is_woken_in_a_wait_with_a_limit() {
    is_woken_in_one_process(Kind::Memory, SYS_futex);
    is_woken_in_a_wait_with_a_limit(Kind::Memory, SYS_ppoll);
}

#[test]
fn callback_is_woken_in_a_wait_with_a_limit() {
    is_woken_in_one_process(Kind::Callback, SYS_ppoll);
    is_woken_in_a_wait_with_a_limit(Kind::Callback, SYS_ppoll);
}
