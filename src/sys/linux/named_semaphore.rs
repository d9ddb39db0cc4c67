//! `sem_open(3)` - POSIX semaphores that have a name, and know nothing of who has taken them.
#![expect(unsafe_code, reason = "neither std nor nix has semaphores")]

use std::ffi::CStr;
use std::io;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::libc;

#[cfg(target_env = "gnu")]
mod creation;
#[cfg(not(target_env = "gnu"))]
mod no_creation;
#[cfg(all(target_env = "gnu", target_pointer_width = "64"))]
mod one_word;
mod stamp;
#[cfg(not(all(target_env = "gnu", target_pointer_width = "64")))]
mod two_words;

#[cfg(not(target_env = "gnu"))]
use no_creation as creation;
#[cfg(all(target_env = "gnu", target_pointer_width = "64"))]
use one_word as layout;
#[cfg(not(all(target_env = "gnu", target_pointer_width = "64")))]
use two_words as layout;

pub(crate) use creation::place;
pub(crate) use stamp::Stamp;

/// An open semaphore. Dropping it closes it, and changes nothing about it.
#[derive(Debug)]
pub(crate) struct NamedSemaphore(NonNull<libc::sem_t>);

// SAFETY: sem_post(3) and the others are thread-safe, and the memory is mapped until it is dropped.
unsafe impl Send for NamedSemaphore {}
// SAFETY: as above.
unsafe impl Sync for NamedSemaphore {}

impl NamedSemaphore {
    /// Opens the semaphore; `None` if there is none of that name.
    pub(crate) fn open(name: &CStr) -> io::Result<Option<Self>> {
        // SAFETY: `name` ends with a NUL and outlives the call.
        match Self::opened(unsafe { libc::sem_open(name.as_ptr(), 0) }) {
            Ok(semaphore) => Ok(Some(semaphore)),
            Err(Errno::ENOENT) => Ok(None),
            Err(err) => Err(err.into()),
        }
    }

    /// Opens the semaphore, or makes one that can be taken once.
    ///
    /// A death in the middle of this leaves no file behind, where [`creation::make`] can do its work.
    pub(crate) fn open_or_make(name: &CStr, mode: u32) -> io::Result<Self> {
        if let Some(semaphore) = Self::open(name)? {
            return Ok(semaphore);
        }
        // Between the two, another process may make it: then there is one to be opened.
        if creation::make(name, mode).is_ok() {
            if let Some(semaphore) = Self::open(name)? {
                return Ok(semaphore);
            }
        }
        let (flags, once): (_, libc::c_uint) = (libc::O_CREAT, 1);
        // SAFETY: as in `open`; what comes after the flags is what O_CREAT asks for.
        Ok(Self::opened(unsafe { libc::sem_open(name.as_ptr(), flags, mode, once) })?)
    }

    fn opened(semaphore: *mut libc::sem_t) -> Result<Self, Errno> {
        if semaphore == libc::SEM_FAILED {
            return Err(Errno::last());
        }
        NonNull::new(semaphore).map(Self).ok_or(Errno::EINVAL)
    }

    /// Takes all of it and puts `stamp` on it, if that takes no waiting; whether it was taken.
    pub(crate) fn take(&self, stamp: Stamp) -> io::Result<bool> {
        layout::take(self.0, stamp)
    }

    /// Takes the stamp off and gives the semaphore back, if `stamp` is on it: it can be taken once then.
    pub(crate) fn give_back(&self, stamp: Stamp) -> io::Result<()> {
        layout::give_back(self.0, stamp)
    }

    /// Puts another stamp in the place of `stamp`, if that is on it.
    pub(crate) fn stamp_anew(&self, stamp: Stamp, next: Stamp) {
        layout::stamp_anew(self.0, stamp, next);
    }

    /// Whether it is taken, and `stamp` is on it.
    pub(crate) fn is_taken_with(&self, stamp: Stamp) -> bool {
        layout::is_taken_with(self.0, stamp)
    }

    /// Whether it could be taken.
    pub(crate) fn is_free(&self) -> io::Result<bool> {
        let mut value = 0;
        // SAFETY: the semaphore is open, and `value` is ours to write to.
        Errno::result(unsafe { libc::sem_getvalue(self.0.as_ptr(), &raw mut value) })?;
        Ok(value > 0)
    }
}

impl Drop for NamedSemaphore {
    fn drop(&mut self) {
        // SAFETY: it is open, and each open is closed once: the C library counts them.
        let _ = unsafe { libc::sem_close(self.0.as_ptr()) };
    }
}
