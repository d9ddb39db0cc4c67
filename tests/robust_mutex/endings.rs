//! Holders that end without releasing, and children that do not hold.

use std::fs::File;
use std::io::Write;
use std::num::NonZeroUsize;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use tenure::{Error, Lock, RobustMutex, State};

use crate::support::{place, wait_until};
use crate::{holding, opened};

#[test]
fn a_killed_holder_is_recovered_and_the_next_is_told_once() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    for _ in 0..2 {
        holding(&place.path).crash();
        lock.try_lock().unwrap();
        assert!(lock.was_abandoned());
        lock.unlock().unwrap();
        assert!(!lock.was_abandoned());
        lock.try_lock().unwrap();
        assert!(!lock.was_abandoned(), "the last one released it");
        lock.unlock().unwrap();
    }
}

#[test]
fn nobody_has_to_have_it_open_meanwhile() {
    let place = place();
    holding(&place.path).crash();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    lock.lock().unwrap();
    assert!(lock.was_abandoned());
}

#[test]
fn who_waits_gets_it_when_the_holder_is_killed() {
    let place = place();
    for command in ["lock", "lock_timeout 1000000000"] {
        let holder = holding(&place.path);
        let mut waiter = opened(&place.path);
        waiter.tell(command);
        waiter.wait_until_in(libc::SYS_futex);
        holder.crash();
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(waiter.ask("was_abandoned"), "true");
        assert_eq!(waiter.ask("unlock"), "ok");
    }
}

#[test]
fn a_thread_that_ends_abandons_it() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    let hold = |leak: bool| {
        let mut held = RobustMutex::open(&place.path).unwrap();
        held.lock().unwrap();
        if leak {
            std::mem::forget(held);
        }
    };
    for leak in [true, false] {
        std::thread::scope(|scope| scope.spawn(|| hold(leak)).join().unwrap());
        lock.try_lock().unwrap();
        assert_eq!(lock.was_abandoned(), leak, "dropping releases");
        lock.unlock().unwrap();
    }
}

#[test]
#[expect(unsafe_code, reason = "std marks it so, because a forked child can do so little")]
fn a_program_that_replaces_itself_abandons_it() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    let path = place.path.clone();
    let mut program = Command::new("cat");
    program.stdin(Stdio::piped()).stdout(Stdio::null());
    // SAFETY: the child takes no lock that another thread can have had when it was forked.
    unsafe {
        program.pre_exec(move || {
            let mut lock = RobustMutex::open(&path)?;
            lock.try_lock()?;
            std::mem::forget(lock);
            Ok(())
        });
    }
    let mut replaced = program.spawn().unwrap();
    // It has another program by now, and lives.
    lock.try_lock().unwrap();
    assert!(lock.was_abandoned());
    replaced.stdin.take().unwrap().write_all(b"!").unwrap();
    assert!(replaced.wait().unwrap().success());
}

#[test]
fn one_that_another_thread_has_replaced_leaves_it_taken_while_it_is_open() {
    let place = place();
    let lock = RobustMutex::open(&place.path).unwrap();
    let mut peer = holding(&place.path);
    // A test is not run by the first thread.
    assert_eq!(peer.ask("exec"), "ready");
    assert_eq!(lock.status().unwrap().state(), State::Held, "the kernel did not find it");
    drop(lock);
    // Nobody has it open, once what other tests are forking now is a program of its own.
    wait_until(|| {
        let mut lock = RobustMutex::open(&place.path).unwrap();
        lock.try_lock().is_ok() && lock.was_abandoned()
    });
}

#[test]
fn a_holder_that_closes_all_descriptors_holds_it_still() {
    let place = place();
    let mut holder = holding(&place.path);
    assert_eq!(holder.ask("close_the_file"), "ok");
    let mut lock = RobustMutex::open(&place.path).unwrap();
    assert_eq!(lock.try_lock().unwrap_err().holder().unwrap().pid(), holder.pid());
    holder.crash();
    lock.try_lock().unwrap();
    assert!(lock.was_abandoned());
}

#[test]
fn a_forked_child_does_not_hold_its_parents_lock() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    let mut parent = holding(&place.path);
    assert_eq!(parent.ask("fork is_held"), "false");
    assert_eq!(parent.ask("fork was_abandoned"), "false");
    assert!(parent.ask("fork unlock").starts_with("NotHeld: "));
    assert!(parent.ask("fork try_lock").starts_with("Busy: "));
    assert_eq!(parent.ask("fork close"), "ok");
    let busy = lock.try_lock().unwrap_err();
    assert_eq!(busy.holder().unwrap().pid(), parent.pid());
    assert_eq!(parent.ask("is_held"), "true");
    assert_eq!(parent.ask("unlock"), "ok");
    lock.try_lock().unwrap();
    assert!(!lock.was_abandoned());
}

#[test]
fn a_forked_child_contends_with_its_copy() {
    let place = place();
    let mut parent = opened(&place.path);
    assert_eq!(parent.ask("fork try_lock"), "ok");
    assert_eq!(parent.ask("try_lock"), "ok");
    assert_eq!(parent.ask("was_abandoned"), "true", "the child has ended");
    assert_eq!(parent.ask("holder"), parent.pid().to_string());
}

#[test]
fn one_that_was_given_back_unmended_says_what_to_do() {
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    holding(&place.path).crash();
    give_back_unmended(&place.path);
    // glibc leaves it taken when one that is ruined is tried, and so that comes last.
    for ask in [Lock::lock, Lock::try_lock] {
        let ruined = ask(&mut lock).unwrap_err();
        assert!(matches!(ruined, Error::InvalidPid { .. }), "{ruined:?}");
        let text = ruined.to_string();
        assert!(text.contains("test.lock") && text.contains("remove the file"), "{text}");
    }
    assert!(!lock.is_held());
    // Or close it.
    drop(lock);
    wait_until(|| RobustMutex::open(&place.path).unwrap().try_lock().is_ok());
}

/// What a program does that does not know better.
#[expect(unsafe_code, reason = "what a program does that does not use this crate")]
fn give_back_unmended(path: &Path) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let length = NonZeroUsize::new(4096).unwrap();
    let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: a mapping at an address of the kernel's choice overlaps nothing.
    let page = unsafe { mmap(None, length, protection, MapFlags::MAP_SHARED, &file, 0) }.unwrap();
    // SAFETY: the mutex is there in the file.
    let mutex = unsafe { page.byte_add(512) }.as_ptr().cast();
    // SAFETY: it is made, and mapped.
    assert_eq!(unsafe { libc::pthread_mutex_lock(mutex) }, libc::EOWNERDEAD);
    // SAFETY: as above.
    assert_eq!(unsafe { libc::pthread_mutex_unlock(mutex) }, 0);
    // SAFETY: this thread no longer has the mutex, and nothing else refers to the mapping.
    unsafe { munmap(page, 4096) }.unwrap();
}
