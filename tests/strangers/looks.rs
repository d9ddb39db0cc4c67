//! tenure tells a reader, which is gone in an instant, from a program that shares the lock.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::libc;
use nix::sys::ptrace;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;
use tenure::{Error, Lockfile};

use crate::program::{Running, prepare, tenure};
use crate::scene::dead;
use crate::stranger::{Family, Lock, Stranger};
use crate::support::{Place, place, sleeps_in, wait_until};

/// A place with a stale file, locked by flock(2).
fn flocked(writes: bool) -> (Place, Stranger) {
    let place = place();
    fs::write(&place.path, format!("{}\n", dead())).unwrap();
    let mut stranger = Stranger::at(&place.path);
    stranger.lock(Lock::whole(Family::Flock, writes));
    (place, stranger)
}

/// How often the main thread of the command enters or leaves the kernel, and the exit status.
fn steps_of(mut command: Command) -> (usize, i32) {
    prepare(&mut command, || Ok(ptrace::traceme()?));
    let mut child = command.spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let mut steps = 0;
    while let WaitStatus::Stopped(..) = stopped_or_ended(pid) {
        ptrace::syscall(pid, None).unwrap();
        steps += 1;
    }
    (steps, child.wait().unwrap().code().unwrap())
}

/// The state of the traced child, which is left to be waited for if it has ended.
fn stopped_or_ended(pid: Pid) -> WaitStatus {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WSTOPPED | WaitPidFlag::WNOWAIT;
    let state = waitid(Id::Pid(pid), flags).unwrap();
    if let WaitStatus::Stopped(..) | WaitStatus::PtraceEvent(..) = state {
        return waitpid(pid, None).unwrap();
    }
    state
}

fn run_at(path: &Path) -> Command {
    let mut command = tenure();
    command.arg("run").arg(path).args(["--", "true"]);
    command.stderr(std::process::Stdio::null());
    command
}

/// Looking again and again for the 100 milliseconds that readers are given takes thousands of steps.
#[test]
fn a_stranger_that_shares_the_lock_is_busy_after_few_looks() {
    let (place, _stranger) = flocked(true);
    let (alone, code) = steps_of(run_at(&place.path));
    assert_eq!(code, 75);
    let (place, _stranger) = flocked(false);
    let (shared, code) = steps_of(run_at(&place.path));
    assert_eq!(code, 75);
    assert!(shared < alone + 500, "{shared} steps, and {alone} beside an exclusive lock");
}

#[test]
fn try_lock_is_busy_and_lock_timeout_times_out_beside_a_shared_lock() {
    let (place, _stranger) = flocked(false);
    let mut lock = Lockfile::new(&place.path);
    assert!(matches!(lock.try_lock(), Err(Error::Busy { .. })));
    for limit in [0, 1, 20] {
        let result = lock.lock_timeout(Duration::from_millis(limit));
        assert!(matches!(result, Err(Error::Timeout { .. })), "{limit}: {result:?}");
    }
}

#[test]
fn readers_never_make_an_uncontended_lock_busy() {
    const ROUNDS: u32 = 1000;
    for keep in [false, true] {
        let place = place();
        let lock = Lockfile::new(&place.path).keep_file(keep);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        lock.status().unwrap();
                    }
                });
            }
            let mut contender = lock.clone();
            let rounds = (0..ROUNDS).try_for_each(|_| {
                contender.try_lock()?;
                contender.unlock()
            });
            done.store(true, Ordering::Relaxed);
            rounds.unwrap();
        });
    }
}

/// A program that watches a lockfile, or waits until it is free, only looks.
#[test]
fn those_who_look_keep_no_other_program_from_locking() {
    for words in [&["watch"][..], &["wait"]] {
        let place = place();
        // A record of a live process: there is something to wait for.
        fs::write(&place.path, format!("{}\n", std::process::id())).unwrap();
        let mut stranger = Stranger::at(&place.path);
        let mut command = tenure();
        command.args(words).arg(&place.path);
        let watcher = Running::start(command);
        wait_until(|| sleeps_in(watcher.pid(), None, libc::SYS_ppoll));
        for lock in Lock::all() {
            // A look takes a shared lock for an instant.
            wait_until(|| stranger.gets(lock) || is_quiet(&watcher));
            assert!(stranger.gets(lock), "{words:?}: {lock}");
            stranger.unlock(lock);
        }
    }
}

/// Whether the process sleeps until something happens.
fn is_quiet(watcher: &Running) -> bool {
    sleeps_in(watcher.pid(), None, libc::SYS_ppoll)
}
