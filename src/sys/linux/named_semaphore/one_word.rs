//! The word of a semaphore, as the GNU C library has it on 64 bits since 2.21.
//!
//! The low half of the word is the value. The high half counts the threads that sleep in
//! `sem_wait(3)`. A system has at most 2^22 threads (`PID_MAX_LIMIT`), so the ten highest bits of
//! that count are always zero, unless we set them. The stamp is in these ten bits.
//!
//! The C library changes the word by atomic additions and compare-and-swap, which leave our bits as
//! they are. It asks of the count only whether it is zero, after `sem_post(3)`: a stamp that is
//! left costs a needless futex(2), and nothing else.
//!
//! Value and stamp change in one atomic step. So there is no moment in which a process has
//! taken the semaphore and the stamp does not say so, nor the other way round.

use std::io;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::libc;

use super::stamp::Stamp;

type Semaphore = NonNull<libc::sem_t>;

const VALUE: u64 = u32::MAX as u64;
const SHIFT: u32 = u64::BITS - Stamp::BITS;
const STAMPED: u64 = !0 << SHIFT;
const SLEEPERS: u64 = !VALUE & !STAMPED;

fn word<'a>(semaphore: Semaphore) -> &'a AtomicU64 {
    // SAFETY: the semaphore is open, so that its memory is mapped; it begins with this word, at an
    // address that eight divides; and everybody else changes the word by atomic operations too.
    unsafe { AtomicU64::from_ptr(semaphore.as_ptr().cast()) }
}

fn bits(stamp: Stamp) -> u64 {
    stamp.number() << SHIFT
}

/// See [`NamedSemaphore::take`](super::NamedSemaphore::take).
pub(super) fn take(semaphore: Semaphore, stamp: Stamp) -> io::Result<bool> {
    check_layout()?;
    let taken = |found| (found & VALUE > 0).then_some(found & SLEEPERS | bits(stamp));
    Ok(word(semaphore).fetch_update(Ordering::AcqRel, Ordering::Acquire, taken).is_ok())
}

/// See [`NamedSemaphore::give_back`](super::NamedSemaphore::give_back).
pub(super) fn give_back(semaphore: Semaphore, stamp: Stamp) -> io::Result<()> {
    check_layout()?;
    // A value above zero was given by somebody who had not taken it. It stays one.
    let given = |found| (found & STAMPED == bits(stamp)).then_some(found & SLEEPERS | 1);
    match word(semaphore).fetch_update(Ordering::AcqRel, Ordering::Acquire, given) {
        Ok(found) if found & SLEEPERS > 0 => wake_one(semaphore),
        _ => {}
    }
    Ok(())
}

/// See [`NamedSemaphore::stamp_anew`](super::NamedSemaphore::stamp_anew).
pub(super) fn stamp_anew(semaphore: Semaphore, stamp: Stamp, next: Stamp) {
    let stamped = |found| (found & STAMPED == bits(stamp)).then_some(found & !STAMPED | bits(next));
    let _ = word(semaphore).fetch_update(Ordering::AcqRel, Ordering::Acquire, stamped);
}

/// See [`NamedSemaphore::is_taken_with`](super::NamedSemaphore::is_taken_with).
pub(super) fn is_taken_with(semaphore: Semaphore, stamp: Stamp) -> bool {
    word(semaphore).load(Ordering::Acquire) & !SLEEPERS == bits(stamp)
}

/// futex(2), `FUTEX_WAKE` - wakes one of those who sleep in `sem_wait(3)`, as `sem_post(3)` does.
fn wake_one(semaphore: Semaphore) {
    let half = usize::from(cfg!(target_endian = "big"));
    let value = semaphore.as_ptr().cast::<u32>().wrapping_add(half);
    // SAFETY: reads nothing; the address is that of the value, on which they sleep.
    unsafe { libc::syscall(libc::SYS_futex, value, libc::FUTEX_WAKE, 1) };
}

/// Tries on a semaphore of our own that the C library has the word that we believe it has.
fn check_layout() -> io::Result<()> {
    let mut memory = MaybeUninit::<libc::sem_t>::zeroed();
    let semaphore: Semaphore = NonNull::from(&mut memory).cast();
    // SAFETY: the memory is ours, and large enough. There is nothing to destroy afterwards: the C
    // library keeps nothing else of a semaphore.
    Errno::result(unsafe { libc::sem_init(semaphore.as_ptr(), 1, 2) })?;
    let stamped = 2 | STAMPED;
    let known = word(semaphore).compare_exchange(2, stamped, Ordering::AcqRel, Ordering::Acquire);
    // SAFETY: it is initialised.
    let taken = unsafe { libc::sem_trywait(semaphore.as_ptr()) };
    if known.is_ok() && taken == 0 && word(semaphore).load(Ordering::Acquire) == stamped - 1 {
        return Ok(());
    }
    let why = "this C library lays its semaphores out in a way that is not known";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semaphore(memory: &mut MaybeUninit<libc::sem_t>) -> Semaphore {
        let semaphore = NonNull::new(memory.as_mut_ptr()).unwrap();
        // SAFETY: the memory is the caller's.
        assert_eq!(unsafe { libc::sem_init(semaphore.as_ptr(), 1, 1) }, 0);
        semaphore
    }

    fn value(semaphore: Semaphore) -> i32 {
        let mut value = 0;
        // SAFETY: it is initialised, and `value` is ours to write to.
        assert_eq!(unsafe { libc::sem_getvalue(semaphore.as_ptr(), &raw mut value) }, 0);
        value
    }

    fn post(semaphore: Semaphore) {
        // SAFETY: it is initialised.
        assert_eq!(unsafe { libc::sem_post(semaphore.as_ptr()) }, 0);
    }

    fn try_wait(semaphore: Semaphore) -> bool {
        // SAFETY: it is initialised.
        unsafe { libc::sem_trywait(semaphore.as_ptr()) == 0 }
    }

    #[test]
    fn the_c_library_sees_what_is_taken_and_given_back() {
        let (mut memory, stamp) = (MaybeUninit::zeroed(), Stamp::of(1022));
        let semaphore = semaphore(&mut memory);
        post(semaphore);
        assert!(take(semaphore, stamp).unwrap());
        assert_eq!(value(semaphore), 0, "all of it is taken");
        assert!(!try_wait(semaphore));
        assert!(!take(semaphore, stamp).unwrap());
        assert!(is_taken_with(semaphore, stamp));
        give_back(semaphore, stamp).unwrap();
        assert_eq!(value(semaphore), 1);
        assert!(try_wait(semaphore));
        assert!(!is_taken_with(semaphore, stamp), "another program has taken it");
        give_back(semaphore, stamp).unwrap();
        assert_eq!(value(semaphore), 0, "nothing is given back that another has taken");
    }

    #[test]
    fn a_stamp_stays_for_as_long_as_it_is_not_taken_off() {
        let (mut memory, stamp, other) = (MaybeUninit::zeroed(), Stamp::of(1), Stamp::of(2));
        let semaphore = semaphore(&mut memory);
        assert!(take(semaphore, stamp).unwrap());
        assert!(!is_taken_with(semaphore, other));
        give_back(semaphore, other).unwrap();
        assert!(is_taken_with(semaphore, stamp));
        stamp_anew(semaphore, other, stamp);
        stamp_anew(semaphore, stamp, other);
        assert!(is_taken_with(semaphore, other));
        // Somebody gives what he has not taken.
        post(semaphore);
        assert!(!is_taken_with(semaphore, other));
        give_back(semaphore, other).unwrap();
        assert_eq!(value(semaphore), 1);
    }
}
