//! A semaphore whose word has no room for a stamp: the stamp is in a word beside it.
//!
//! Semaphores of musl use three words, and leave the last one alone. Those of the GNU C library on 32
//! bits have four, of which the third is padding. That word is ours. Value and stamp do not change in one
//! step: a process that is killed between the two instructions leaves a semaphore that is taken and
//! has no stamp, which nobody inherits.

use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;
use nix::libc;

use super::stamp::Stamp;

type Semaphore = NonNull<libc::sem_t>;

/// The word with the stamp.
fn beside<'a>(semaphore: Semaphore) -> &'a AtomicU32 {
    let words = size_of::<libc::sem_t>() / size_of::<u32>();
    let is_gnu_32 = cfg!(target_env = "gnu") && words == 4;
    let word = if is_gnu_32 { 2 } else { words - 1 };
    let word = semaphore.as_ptr().cast::<u32>().wrapping_add(word);
    // SAFETY: the semaphore is open, so that its memory is mapped, and this word is a part of it;
    // everybody else changes it by atomic operations too, or not at all.
    unsafe { AtomicU32::from_ptr(word) }
}

fn bits(stamp: Stamp) -> u32 {
    u32::try_from(stamp.number()).unwrap_or(0)
}

fn try_wait(semaphore: Semaphore) -> io::Result<bool> {
    loop {
        // SAFETY: the semaphore is open.
        match Errno::result(unsafe { libc::sem_trywait(semaphore.as_ptr()) }) {
            Ok(_) => return Ok(true),
            Err(Errno::EAGAIN) => return Ok(false),
            Err(Errno::EINTR) => {}
            Err(err) => return Err(err.into()),
        }
    }
}

fn value(semaphore: Semaphore) -> io::Result<libc::c_int> {
    let mut value = 0;
    // SAFETY: the semaphore is open, and `value` is ours to write to.
    Errno::result(unsafe { libc::sem_getvalue(semaphore.as_ptr(), &raw mut value) })?;
    Ok(value)
}

/// See [`NamedSemaphore::take`](super::NamedSemaphore::take).
pub(super) fn take(semaphore: Semaphore, stamp: Stamp) -> io::Result<bool> {
    if !try_wait(semaphore)? {
        return Ok(false);
    }
    beside(semaphore).store(bits(stamp), Ordering::Release);
    // What was given back too often would let others in.
    while try_wait(semaphore)? {}
    Ok(true)
}

/// See [`NamedSemaphore::give_back`](super::NamedSemaphore::give_back).
pub(super) fn give_back(semaphore: Semaphore, stamp: Stamp) -> io::Result<()> {
    let beside = beside(semaphore);
    if beside.load(Ordering::Acquire) != bits(stamp) {
        return Ok(());
    }
    beside.store(0, Ordering::Release);
    if value(semaphore)? > 0 {
        return Ok(());
    }
    // SAFETY: the semaphore is open.
    Errno::result(unsafe { libc::sem_post(semaphore.as_ptr()) })?;
    Ok(())
}

/// See [`NamedSemaphore::stamp_anew`](super::NamedSemaphore::stamp_anew).
pub(super) fn stamp_anew(semaphore: Semaphore, stamp: Stamp, next: Stamp) {
    let (from, to, order) = (bits(stamp), bits(next), Ordering::AcqRel);
    let _ = beside(semaphore).compare_exchange(from, to, order, Ordering::Acquire);
}

/// See [`NamedSemaphore::is_taken_with`](super::NamedSemaphore::is_taken_with).
pub(super) fn is_taken_with(semaphore: Semaphore, stamp: Stamp) -> bool {
    beside(semaphore).load(Ordering::Acquire) == bits(stamp)
        && value(semaphore).is_ok_and(|value| value <= 0)
}
