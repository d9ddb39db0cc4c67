//! `sem_open(3)` - POSIX semaphores that have a name, and know nothing of who has taken them.
#![expect(unsafe_code, reason = "neither std nor nix has semaphores")]

use std::ffi::CStr;
use std::io;
use std::ptr::NonNull;

use nix::errno::Errno;
use nix::libc;

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
    pub(crate) fn open_or_make(name: &CStr, mode: u32) -> io::Result<Self> {
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

    /// Takes it if that takes no waiting; whether it was taken.
    pub(crate) fn try_wait(&self) -> io::Result<bool> {
        loop {
            // SAFETY: the semaphore is open.
            match Errno::result(unsafe { libc::sem_trywait(self.0.as_ptr()) }) {
                Ok(_) => return Ok(true),
                Err(Errno::EAGAIN) => return Ok(false),
                Err(Errno::EINTR) => {}
                Err(err) => return Err(err.into()),
            }
        }
    }

    /// Gives it back.
    pub(crate) fn post(&self) -> io::Result<()> {
        // SAFETY: the semaphore is open.
        Errno::result(unsafe { libc::sem_post(self.0.as_ptr()) })?;
        Ok(())
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
