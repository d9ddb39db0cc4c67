//! How a possession ends: by death, and by nothing that is not meant to end it.

use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use tenure::{Verdict, Why};

use crate::admission::{assert_refused, lockfile, wipe};
use crate::sets::{ALONE, only_set, sets};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};

/// Runs `work` in a forked child, which must not panic.
#[expect(unsafe_code, reason = "fork is what is tested")]
pub(crate) fn in_child(work: impl FnOnce()) {
    // SAFETY: the harness's other threads have no lock that `work` needs.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            work();
            // SAFETY: ends this process at once, without running what the parent has at exit.
            unsafe { libc::_exit(0) }
        }
        ForkResult::Parent { child } => {
            assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
        }
    }
}

#[test]
fn a_killed_holder_is_recovered_and_its_set_is_used_and_removed() {
    elsewhere(ALONE, &[], || {
        let place = place();
        for options in ["semaphore", "semaphore keep"] {
            let mut holder = Peer::with(&place.path, options);
            assert_eq!(holder.ask("try_lock"), "ok");
            let dead = holder.crash();
            let left = only_set();
            let mut lock = lockfile(&place.path);
            lock.try_lock().unwrap();
            let left_by = lock.recovered_from().unwrap();
            assert_eq!((left_by.pid(), left_by.verdict()), (dead, Verdict::Stale(Why::Dead)));
            assert_eq!(only_set(), left);
            lock.unlock().unwrap();
            assert!(sets().is_empty(), "{:?}", sets());
        }
    });
}

#[test]
fn a_death_before_the_record_frees_the_lock() {
    let place = place();
    let mut holder = Peer::with(&place.path, "semaphore");
    assert_eq!(holder.ask("try_lock"), "ok");
    wipe(&place.path);
    holder.crash();
    lockfile(&place.path).try_lock().unwrap();
}

#[test]
fn what_is_left_stale_is_removed_with_its_set() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        holder.crash();
        assert!(lockfile(&place.path).release_stale().unwrap());
        assert!(place.names().is_empty());
        assert!(sets().is_empty(), "{:?}", sets());
    });
}

#[test]
fn a_child_that_outlives_the_holder_does_not_prolong_the_lock() {
    let place = place();
    let mut holder = Peer::with(&place.path, "semaphore");
    assert_eq!(holder.ask("try_lock"), "ok");
    assert_eq!(holder.ask("fork_and_outlive"), "ok");
    let dead = holder.kill();
    let mut lock = lockfile(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

#[test]
fn a_forked_childs_copy_is_inert() {
    let place = place();
    let mut holder = Peer::with(&place.path, "semaphore");
    assert_eq!(holder.ask("try_lock"), "ok");
    assert!(holder.ask("fork unlock").starts_with("NotHeld: "));
    assert_eq!(holder.ask("fork drop"), "ok");
    assert!(holder.ask("fork try_lock").starts_with("Busy: "), "it contends like anybody");
    assert_eq!(holder.ask("verify"), "ok");
    assert_refused(&place.path);
    assert_eq!(holder.ask("unlock"), "ok");
    lockfile(&place.path).try_lock().unwrap();
}

/// execve(2) keeps semaphores, and there is nothing like close-on-exec.
#[test]
fn a_program_that_the_holder_executes_holds_until_it_ends() {
    let place = place();
    let mut holder = Peer::with(&place.path, "semaphore");
    let pid = holder.pid();
    assert_eq!(holder.ask("try_lock"), "ok");
    assert_eq!(holder.ask("exec"), "ready");
    let answer = holder.ask("try_lock");
    assert!(answer.starts_with("Busy: ") && answer.contains(&format!("pid {pid}")), "{answer}");
    let mut lock = lockfile(&place.path);
    let busy = lock.try_lock().unwrap_err();
    assert_eq!(busy.holder().unwrap().verdict(), Verdict::Live);
    drop(holder);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), pid);
}

#[test]
fn whoever_leaves_the_ipc_namespace_is_kept_alone_by_the_record() {
    elsewhere(ALONE, &[], || {
        let place = place();
        let mut holder = Peer::with(&place.path, "semaphore");
        assert_eq!(holder.ask("try_lock"), "ok");
        assert_eq!(holder.ask("unshare_ipc"), "ok");
        assert!(lockfile(&place.path).try_lock().unwrap_err().is_busy());
        assert_eq!(holder.ask("unlock"), "ok");
        assert!(place.names().is_empty());
        // Its other threads have stayed, and the semaphore with them.
        holder.crash();
        lockfile(&place.path).try_lock().unwrap();
    });
}
