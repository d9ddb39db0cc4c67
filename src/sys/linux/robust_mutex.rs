//! `pthread_mutexattr_setrobust(3)` - a mutex in a file that several processes have mapped, which
//! the kernel frees when the thread that holds it ends.
#![expect(unsafe_code, reason = "neither std nor nix has such mutexes")]

use std::cell::UnsafeCell;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use nix::libc::{self, c_int, pthread_mutex_t, pthread_mutexattr_t, timespec};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

mod clock_lock;

use clock_lock::{Clock, clock_lock};

/// The length of the file.
pub(crate) const MUTEX_FILE: usize = 4096;
/// How much of it, from the beginning, is the caller's to write to by write(2).
pub(crate) const MUTEX_HEADER: usize = 512;
/// How much of it, at the end, is the caller's to use while it is mapped.
pub(crate) const BOARD_WORDS: usize = (MUTEX_FILE - 2 * MUTEX_HEADER) / 8;

#[repr(C)]
struct Page {
    header: [AtomicU64; MUTEX_HEADER / 8],
    mutex: Slot,
    board: [AtomicU64; BOARD_WORDS],
}

#[repr(C, align(512))]
struct Slot(UnsafeCell<pthread_mutex_t>);

const _: () = assert!(size_of::<Page>() == MUTEX_FILE);

/// What two programs have to have in common to use one mutex: the C library, the size of its
/// mutexes and of its words. `None` where there are no robust mutexes.
#[expect(clippy::unnecessary_wraps, reason = "other platforms have none")]
pub(crate) fn mutex_abi() -> Option<String> {
    let library = if cfg!(target_env = "musl") { "musl" } else { "glibc" };
    Some(format!("{library}-{}-{}", usize::BITS, size_of::<pthread_mutex_t>()))
}

/// A name for this boot, within one PID namespace: `/proc/sys/kernel/random/boot_id`.
///
/// A container may show a boot id of its own. That serves as well: equal ones mean the same boot, and
/// processes that see different ones refuse to use one mutex.
pub(crate) fn mutex_boot() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}

/// What came of asking for the mutex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// This thread has it now. `abandoned`: the one before ended without giving it back.
    Locked { abandoned: bool },
    /// Another thread has it, and had it for as long as was to be waited.
    Refused,
    /// This thread has it already.
    Own,
    /// Nobody can have it any more (`ENOTRECOVERABLE`).
    Ruined,
}

/// A mapped file. Not to be dropped by a thread that has the mutex, because the C library and the
/// kernel keep a list of what a thread has, which leads through the mapping.
#[derive(Debug)]
pub(crate) struct MappedMutex(NonNull<Page>);

impl MappedMutex {
    /// Maps `file`, which is [`MUTEX_FILE`] bytes long.
    pub(crate) fn map(file: &File) -> io::Result<Self> {
        let length = NonZeroUsize::new(MUTEX_FILE).ok_or(io::ErrorKind::InvalidInput)?;
        let (protection, flags) =
            (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED);
        // SAFETY: a mapping at an address of the kernel's choice overlaps nothing.
        let page = unsafe { mmap(None, length, protection, flags, file, 0) }?;
        Ok(Self(page.cast()))
    }

    fn page(&self) -> &Page {
        // SAFETY: the mapping lives as long as `self`, is readable, writable and aligned to a
        // page, and any bytes are a valid `Page`. That nobody cuts the file, which would be
        // SIGBUS, is assumed: only processes of its owner may write to it.
        unsafe { self.0.as_ref() }
    }

    fn raw(&self) -> *mut pthread_mutex_t {
        self.page().mutex.0.get()
    }

    /// What the processes that map the file tell each other.
    pub(crate) fn board(&self) -> &[AtomicU64; BOARD_WORDS] {
        &self.page().board
    }

    /// Makes the mutex, free. Nobody uses what was there before.
    pub(crate) fn make(&self) -> io::Result<()> {
        let attributes = Attributes::new()?;
        // SAFETY: the memory is ours to write to, nobody uses it, and the attributes are made.
        check(unsafe { libc::pthread_mutex_init(self.raw(), &raw const attributes.0) })
    }

    /// The thread that has it, as a number of its PID namespace.
    ///
    /// By the futex, whose bits are the kernel's (`linux/futex.h`). Where in the mutex it is, is
    /// not promised, but glibc's and musl's static initialisers have it compiled into programs.
    pub(crate) fn owner(&self) -> Option<u32> {
        let words: *mut u32 = self.raw().cast();
        // SAFETY: a mutex has more than two words.
        let word = unsafe { words.add(usize::from(cfg!(target_env = "musl"))) };
        // SAFETY: it is mapped and aligned, and whoever changes it does so atomically.
        let word = unsafe { AtomicU32::from_ptr(word) }.load(Ordering::Acquire);
        let thread = word & libc::FUTEX_TID_MASK;
        (thread != 0 && word & libc::FUTEX_OWNER_DIED == 0).then_some(thread)
    }

    /// Takes it if that takes no waiting.
    pub(crate) fn try_lock(&self) -> io::Result<Answer> {
        // SAFETY: the mutex was made, and stays mapped for as long as this thread has it.
        self.answer(unsafe { libc::pthread_mutex_trylock(self.raw()) })
    }

    /// Takes it, waiting for as long as it takes.
    pub(crate) fn lock(&self) -> io::Result<Answer> {
        // SAFETY: as in `try_lock`.
        self.answer(unsafe { libc::pthread_mutex_lock(self.raw()) })
    }

    /// Takes it, waiting for at most `limit`.
    pub(crate) fn lock_within(&self, limit: Duration) -> io::Result<Answer> {
        let clock_lock = clock_lock();
        let clock = if clock_lock.is_some() { Clock::Monotonic } else { Clock::Wall };
        // What no clock can say is for ever.
        let Some(until) = clock.after(limit)? else { return self.lock() };
        self.answer(match clock_lock {
            // SAFETY: as in `try_lock`; `until` lives until the call returns.
            Some(clock_lock) => unsafe { clock_lock(self.raw(), clock.id(), &raw const until) },
            None => self.lock_until_wall_clock(&until),
        })
    }

    fn lock_until_wall_clock(&self, until: &timespec) -> c_int {
        // SAFETY: as in `try_lock`; `until` lives until the call returns.
        unsafe { libc::pthread_mutex_timedlock(self.raw(), until) }
    }

    /// Gives it back. This thread has it.
    pub(crate) fn unlock(&self) -> io::Result<()> {
        // SAFETY: the mutex was made and is mapped.
        check(unsafe { libc::pthread_mutex_unlock(self.raw()) })
    }

    fn answer(&self, code: c_int) -> io::Result<Answer> {
        match code {
            0 => Ok(Answer::Locked { abandoned: false }),
            libc::EOWNERDEAD => {
                // Whoever dies before this leaves it to the next one to be told.
                // SAFETY: this thread has the mutex, whose owner has died.
                check(unsafe { libc::pthread_mutex_consistent(self.raw()) })?;
                Ok(Answer::Locked { abandoned: true })
            }
            libc::EBUSY | libc::ETIMEDOUT => Ok(Answer::Refused),
            libc::EDEADLK => Ok(Answer::Own),
            libc::ENOTRECOVERABLE => Ok(Answer::Ruined),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

impl Drop for MappedMutex {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and what borrowed from it borrowed `self`.
        let _ = unsafe { munmap(self.0.cast(), MUTEX_FILE) };
    }
}

/// Between processes, robust, and with errors where a thread would wait for itself.
struct Attributes(pthread_mutexattr_t);

impl Attributes {
    fn new() -> io::Result<Self> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: `raw` is ours to write to.
        check(unsafe { libc::pthread_mutexattr_init(raw.as_mut_ptr()) })?;
        // SAFETY: the call before has made them.
        let mut this = Self(unsafe { raw.assume_init() });
        let raw = &raw mut this.0;
        // SAFETY: they are made, and ours, as for the next two.
        check(unsafe { libc::pthread_mutexattr_setpshared(raw, libc::PTHREAD_PROCESS_SHARED) })?;
        // SAFETY: as above.
        check(unsafe { libc::pthread_mutexattr_setrobust(raw, libc::PTHREAD_MUTEX_ROBUST) })?;
        // SAFETY: as above.
        check(unsafe { libc::pthread_mutexattr_settype(raw, libc::PTHREAD_MUTEX_ERRORCHECK) })?;
        Ok(this)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they are made, and not used any more.
        let _ = unsafe { libc::pthread_mutexattr_destroy(&raw mut self.0) };
    }
}

/// These functions return the error, and leave `errno` alone.
fn check(code: c_int) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) }
}

#[cfg(test)]
mod tests;
