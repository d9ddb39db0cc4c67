//! A semaphore whose word has no room for a stamp: the stamp is in a word beside it.
//!
//! Semaphores of musl, and of other C libraries for 64 bits, use 12 or 16 of their 32 bytes. The
//! last four bytes are ours. Value and stamp do not change in one step: a process that is killed between
//! the two instructions leaves a semaphore that is taken and has no stamp, which nobody inherits.
//!
//! On 32 bits there are no such bytes, and so there are no stamps.

use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;
use nix::libc;

use super::Stamp;

type Semaphore = NonNull<libc::sem_t>;

/// The word with the stamp, if there is one.
fn beside<'a>(semaphore: Semaphore) -> Option<&'a AtomicU32> {
    let last = size_of::<libc::sem_t>() / size_of::<u32>() - 1;
    let word = semaphore.as_ptr().cast::<u32>().wrapping_add(last);
    // SAFETY: the semaphore is open, so that its memory is mapped, and this word is a part of it;
    // everybody else changes it by atomic operations too, or not at all.
    (size_of::<libc::sem_t>() == 32).then(|| unsafe { AtomicU32::from_ptr(word) })
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
    if let Some(beside) = beside(semaphore) {
        beside.store(bits(stamp), Ordering::Release);
    }
    // What was given back too often would let others in.
    while try_wait(semaphore)? {}
    Ok(true)
}

/// See [`NamedSemaphore::give_back`](super::NamedSemaphore::give_back).
pub(super) fn give_back(semaphore: Semaphore, stamp: Stamp) -> io::Result<()> {
    if let Some(beside) = beside(semaphore) {
        let (given, order) = (beside.load(Ordering::Acquire) == bits(stamp), Ordering::Release);
        if !given {
            return Ok(());
        }
        beside.store(0, order);
    }
    if value(semaphore)? > 0 {
        return Ok(());
    }
    // SAFETY: the semaphore is open.
    Errno::result(unsafe { libc::sem_post(semaphore.as_ptr()) })?;
    Ok(())
}

/// See [`NamedSemaphore::stamp_anew`](super::NamedSemaphore::stamp_anew).
pub(super) fn stamp_anew(semaphore: Semaphore, stamp: Stamp, next: Stamp) {
    if let Some(beside) = beside(semaphore) {
        let (from, to, order) = (bits(stamp), bits(next), Ordering::AcqRel);
        let _ = beside.compare_exchange(from, to, order, Ordering::Acquire);
    }
}

/// See [`NamedSemaphore::is_taken_with`](super::NamedSemaphore::is_taken_with).
pub(super) fn is_taken_with(semaphore: Semaphore, stamp: Stamp) -> bool {
    beside(semaphore).is_some_and(|beside| beside.load(Ordering::Acquire) == bits(stamp))
        && value(semaphore).is_ok_and(|value| value <= 0)
}
