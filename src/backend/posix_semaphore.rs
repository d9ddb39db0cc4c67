//! A POSIX semaphore besides the lock on the file, for programs that know only the semaphore.
//!
//! # How it goes
//!
//! ```text
//! lock:    1 flock(2) on the lockfile, as `Flock` does
//!          2 take the semaphore; or inherit it (see `inheritance.rs`) from a dead holder
//! release: (the record has been vacated) give the semaphore back, let go of the flock
//! ```

mod inheritance;

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Admission, Backend, Flock, Passing, Scope};
use crate::error::{Error, Result};
use crate::sys::{self, NamedSemaphore};

/// flock(2) on the lockfile, and a POSIX named semaphore (`sem_open(3)`) besides, against programs that
/// lock by such a semaphore alone, as simplelock does with its feature `sema`.
///
/// Among those who use the lockfile, all is as with [`Flock`]: the kernel admits one, and frees the
/// lock at its death. Of the others, none is admitted while the lock is held, and while one of
/// them has the semaphore, the lock is busy.
///
/// A holder that dies leaves the semaphore taken. The next contender inherits it, if the record
/// proves that the holder is dead: on this boot, in this PID namespace, and with a
/// [`Format`](crate::Format) that keeps the whole record. (A container that shows a boot id of its own,
/// as those of systemd-nspawn(1) do, proves no boot: there the semaphore stays taken.) To contenders of another backend, who would
/// write over that proof, it is [`Error::ProcessDead`].
///
/// The semaphore can be taken once, and is made if there is none, with the bits that say who may
/// write to the lockfile; its owner is whoever makes it, whose umask(2) counts. It is never removed.
///
/// # Hazards
///
/// - **The dead among the others** leave the semaphore taken as well, and nothing tells that from
///   a live one: it is busy for ever, with no holder named. The same is left by a death in the
///   instant between the taking of the semaphore and the writing of the record, or between their
///   opposites. fuser(1) on `/dev/shm/sem.NAME` lists who has it open; if nobody has, remove
///   that file. Where a record names a dead holder, remove the lockfile first: a semaphore that was
///   made anew, and taken by another program, would be inherited.
/// - **What the others do.** Whoever gives back what it has not taken lets somebody in: simplelock
///   0.4.1 does when a value is dropped, also one that was refused. What it has given too much
///   while nobody held is taken away at the next lock.
/// - **Another `/dev/shm`**, as a container has, has other semaphores of the same name: those who share
///   the lockfile have to share that directory, too.
/// - **Removal.** Whoever removes the semaphore's name (`sem_unlink(3)`) while it is taken lets in
///   those who make another.
/// - **Forks.** A child that is forked while another thread locks or unlocks may wait for ever when it
///   locks: it has that thread's mutex, and the C library's (`sem_open(3)`), but not the thread.
/// - **Waiting.** Nothing tells that another program gives the semaphore back: whoever waits looks
///   once a second then, and in no order.
///
/// # Platform-specific behavior
///
/// Linux; elsewhere it is [`Error::Unsupported`]. Programs of different C libraries do not meet: glibc
/// keeps the semaphore in `/dev/shm/sem.NAME`, musl in `/dev/shm/NAME`.
///
/// # Examples
///
/// ```no_run
/// use tenure::{Lockfile, PosixSemaphore};
///
/// // What simplelock calls "my_app".
/// let semaphore = PosixSemaphore::new("/my_app")?;
/// let mut lock = Lockfile::new("/run/my_app.pid").backend(semaphore);
/// lock.try_lock()?;
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Debug)]
pub struct PosixSemaphore {
    semaphore: CString,
    name: String,
    /// What this value has taken. Whoever has the flock may look: there is no other thread to wait
    /// for.
    taken: Mutex<Option<NamedSemaphore>>,
}

impl PosixSemaphore {
    /// The semaphore of that name: a slash and one more character at least.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] for what `sem_open(3)` does not take everywhere: a name without a slash
    /// at its beginning, with another, without anything else, or longer than 251 bytes; and for
    /// one with control characters.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let semaphore = name.into();
        let broken = match semaphore.strip_prefix('/') {
            None => Some("it has to begin with a slash"),
            Some("") => Some("it has to have more than a slash"),
            Some(rest) if rest.contains('/') => Some("it must not have a second slash"),
            Some(_) if semaphore.len() > 251 => Some("it is longer than 251 bytes"),
            Some(_) if semaphore.contains(char::is_control) => Some("it has a control character"),
            Some(_) => None,
        };
        let name = format!("posix-semaphore:{semaphore}");
        match (broken, CString::new(semaphore.as_str())) {
            (None, Ok(semaphore)) => Ok(Self { semaphore, name, taken: Mutex::new(None) }),
            (reason, _) => {
                let reason = reason.unwrap_or("it has a NUL");
                Err(Error::InvalidName { name: semaphore, reason })
            }
        }
    }

    /// Takes the semaphore or inherits it, for whoever has the flock on `file`; whether it has it.
    fn take(&self, file: &File, path: &Path) -> io::Result<bool> {
        let mode = sys::rights(file)?.mode & 0o222;
        let semaphore = NamedSemaphore::open_or_make(&self.semaphore, mode | (mode << 1))
            .map_err(|err| self.explain(&err))?;
        if !semaphore.try_wait()? && !self.inherits(file, path)? {
            return Ok(false);
        }
        // What was given back too often would let others in.
        while semaphore.try_wait()? {}
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(semaphore);
        Ok(true)
    }

    /// Whether a contender that has the flock on `file` would have the semaphore.
    fn could_take(&self, file: &File, path: &Path) -> io::Result<bool> {
        match NamedSemaphore::open(&self.semaphore) {
            Ok(Some(semaphore)) => Ok(semaphore.is_free()? || self.inherits(file, path)?),
            Ok(None) => Ok(true),
            // To be read it has to be writable, which it is not for every reader of the lockfile.
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied => Ok(true),
            Err(err) => Err(self.explain(&err)),
        }
    }

    fn explain(&self, err: &io::Error) -> io::Error {
        let name = self.semaphore.to_string_lossy();
        let remedy = match err.kind() {
            io::ErrorKind::PermissionDenied => {
                "; whoever has made it may let this user write to it, or remove it while nobody uses \
                 it: it is a file in /dev/shm"
            }
            _ => "",
        };
        io::Error::new(err.kind(), format!("the semaphore {name} cannot be opened: {err}{remedy}"))
    }
}

impl Backend for PosixSemaphore {
    fn name(&self) -> &str {
        &self.name
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn scope(&self) -> Scope {
        Scope::Kernel
    }

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        match Flock.try_lock(file, path)? {
            Admission::Locked => {}
            other => return Ok(other),
        }
        match self.take(file, path) {
            Ok(true) => Ok(Admission::Locked),
            Ok(false) => Flock.release(file, path).map(|()| Admission::Refused),
            Err(err) => {
                let _ = Flock.release(file, path);
                Err(err)
            }
        }
    }

    fn passing(&self) -> Option<&dyn Passing> {
        Some(self)
    }

    /// Somebody holds also where it is only the semaphore that is taken.
    fn look(&self, file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let mut free = Ok(true);
        let unlocked = Flock.look(file, path, &mut || {
            free = self.could_take(file, path);
            if let Ok(true) = free {
                look();
            }
        })?;
        Ok(unlocked && free?)
    }

    /// The semaphore stays taken.
    fn follow(
        &self,
        from: &File,
        to: &File,
        path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        Flock.follow(from, to, path, put)
    }

    fn release(&self, file: &File, path: &Path) -> io::Result<()> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = &*taken {
            // Where the record could not be vacated, the next contender inherits: given back, the
            // semaphore could be another program's by then.
            if !self.inherits(file, path)? {
                semaphore.post()?;
            }
        }
        // Before the flock: then the next contender may take it, and is the one to note it here.
        *taken = None;
        drop(taken);
        Flock.release(file, path)
    }
}

impl Passing for PosixSemaphore {
    /// The semaphore stays taken, and does not say by whom.
    fn adopt(&self, file: &File, path: &Path) -> io::Result<bool> {
        let Some(semaphore) = NamedSemaphore::open(&self.semaphore)? else { return Ok(false) };
        if !Flock.adopt(file, path)? {
            return Ok(false);
        }
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(semaphore);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_every_system_takes() {
        for name in ["/a", "/my_app", "/ä", &format!("/{}", "x".repeat(250))] {
            assert!(PosixSemaphore::new(name).is_ok(), "{name}");
        }
        for name in ["", "/", "a", "a/b", "/a/b", "//a", "/a/", "/a\0", &"/".repeat(2)] {
            let refused = PosixSemaphore::new(name);
            assert!(matches!(refused, Err(Error::InvalidName { .. })), "{name:?}");
        }
        assert!(PosixSemaphore::new(format!("/{}", "x".repeat(251))).is_err());
    }
}
