//! A POSIX semaphore besides the lock on the file, for programs that know only the semaphore.
//!
//! # Definitions
//!
//! The semaphore is *free* if its value is above zero, and *taken* if it is zero. A *stamp* is a number
//! of ten bits in the word of the semaphore, which value and stamp share: both change in one atomic
//! step (see `sys::NamedSemaphore`). The *stamp of a lockfile* is a digest of its device and inode.
//! *Others* are programs that use the semaphore alone. They put no stamp on it.
//!
//! # Invariants
//!
//! - **S1** Only the process that has the flock on a lockfile puts the stamp of that lockfile on the
//!   semaphore, and it does so in the step that takes the semaphore.
//! - **S2** It has written its record into the lockfile before that step.
//! - **S3** It takes the stamp off in the step that gives the semaphore back.
//! - **S4** It gives the semaphore back before it removes the lockfile or lets go of the flock, and the
//!   record says `released_at` before it gives the semaphore back.
//! - **S5** A lockfile that stays after a release names no backend in the end: by way of its record
//!   nothing is inherited.
//! - **S6** Nobody writes to the lockfile without the flock on it (I1).
//!
//! # How it goes
//!
//! ```text
//! lock:    1 flock(2) on the lockfile, as `Flock` does
//!          2 the semaphore is free, or can be inherited (see `inheritance.rs`); else let go: Busy
//!          3 write the record                     the intent: it tells who is about to take it
//!          4 take the semaphore, with the stamp; if another program was faster: put back what the
//!            file held, and let go: Busy
//! release: 1 write `released_at` into the record
//!          2 give the semaphore back, and take the stamp off
//!          3 remove the lockfile; or, if it is to be kept, take the backend out of the record
//!          4 let go of the flock
//! ```
//!
//! # Why a death at any point leaves nothing taken for ever
//!
//! The kernel frees the flock. What is left is one of these:
//!
//! - *Dead before step 4 of a lock:* by S1 there is no stamp of this lockfile. If the semaphore is free,
//!   the record does not matter. If it is taken, another program has taken it, and it is busy.
//! - *Dead between step 4 of a lock and step 2 of a release:* the stamp is on the semaphore (S1, S3), and
//!   the record of a dead holder is in the lockfile (S2, S4). The next contender inherits.
//! - *Dead after step 2 of a release:* the semaphore is free, or another program has taken it since, and
//!   there is no stamp.
//!
//! The record alone would not do. The dead author of an intent may have taken the semaphore
//! or not; then another program that has taken it since would have to share it with the heir. The
//! stamp alone would not do either: a lockfile that somebody replaced can have the same stamp as
//! one that is held.
//!
//! # Why nobody waits in the semaphore's own queue
//!
//! `sem_wait(3)` would take the semaphore when it comes free, without a stamp, and after a wait in
//! which the contender does not have the flock. So those who wait watch the lockfile, and look once
//! a second for what other programs do.

mod inheritance;
mod part;
mod taking;

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use self::part::{Claim, Part, stamp};
use super::{Admission, Backend, Flock, Lasting, Passing, Scope};
use crate::error::{Error, Result};
use crate::sys::NamedSemaphore;

/// flock(2) on the lockfile, and a POSIX named semaphore (`sem_open(3)`) besides, against programs that
/// lock by such a semaphore alone, as simplelock does with its feature `sema`.
///
/// Among those who use the lockfile, all is as with [`Flock`]: the kernel admits one, and frees the
/// lock at its death. Of the others, none is admitted while the lock is held, and while one of
/// them has the semaphore, the lock is busy.
///
/// A holder that dies leaves the semaphore taken. The next contender inherits it, whenever that holder
/// was killed: the record is written before the semaphore is taken, and stays until it was given
/// back. The record has to prove that the holder is dead: on this boot, in this PID namespace, and
/// with a [`Format`](crate::Format) that keeps the whole record. (A container that shows a boot id of
/// its own, as those of systemd-nspawn(1) do, proves no boot: there the semaphore stays taken.) To
/// contenders of another backend, who would write over that proof, it is [`Error::ProcessDead`].
///
/// The semaphore can be taken once, and is made if there is none, with the bits that say who may
/// write to the lockfile; its owner is whoever makes it, whose umask(2) counts. It is never removed.
///
/// # Hazards
///
/// - **The dead among the others** leave the semaphore taken as well, and nothing tells that from
///   a live one: it is busy for ever, with no holder named. The error names the semaphore's file,
///   `/dev/shm/sem.NAME`. fuser(1) lists the processes that have it open; if there are none, remove that
///   file. The same is true of a dead holder whose lockfile somebody removed while it was held.
/// - **What the others do.** Whoever gives back what it has not taken lets somebody in: simplelock
///   0.4.1 does when a value is dropped, also one that was refused. What it has given too much
///   while nobody held is taken away at the next lock.
/// - **One semaphore for several lockfiles.** Their holders exclude each other. But if one is killed
///   while it loses the semaphore to another, the chance is one in 1023 that its next contender takes
///   that other for the dead one.
/// - **Another `/dev/shm`**, as a container has, has other semaphores of the same name: those who share
///   the lockfile have to share that directory, too.
/// - **Removal.** Whoever removes the semaphore's name (`sem_unlink(3)`) while it is taken lets in
///   those who make another.
/// - **Forks.** A child that is forked while another thread locks or unlocks may wait for ever when it
///   locks: it has that thread's mutex, and the C library's (`sem_open(3)`), but not the thread.
/// - **Sleepers in `sem_wait(3)`.** A holder that is killed in the instant after it gave the semaphore
///   back wakes none of them, as is true of `sem_post(3)` itself. The next release wakes one.
/// - **Files that are left.** A program that is killed while `sem_open(3)` makes a semaphore can leave a
///   file `/dev/shm/sem.XXXXXX`. This backend makes semaphores in another way, and leaves none, unless
///   `/proc` is missing or `/dev/shm` has no files without names (`O_TMPFILE` of open(2)). Nothing
///   sweeps such files up: one looks like a semaphore called `/XXXXXX` that is not in use just now.
/// - **Waiting.** Nothing tells that another program gives the semaphore back: whoever waits looks
///   once a second then, and in no order.
///
/// # Platform-specific behavior
///
/// Linux; elsewhere it is [`Error::Unsupported`]. Programs of different C libraries do not meet: glibc
/// keeps the semaphore in `/dev/shm/sem.NAME`, musl in `/dev/shm/NAME`. With the GNU C library on 64
/// bits, all of the above is so whenever a holder is killed. With others, and on 32 bits, one that is
/// killed between two neighbouring instructions of taking, or of giving back, leaves a semaphore that
/// is not inherited.
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
    /// What this value knows of the semaphore while it has the flock. Only the thread that has that
    /// looks here: there is no other to wait for.
    part: Mutex<Option<Part>>,
}

/// What the name of the backend begins with. The name of the semaphore follows.
const KIND: &str = "posix-semaphore:";

/// The name of the semaphore in the name of a backend, if that is of this kind.
pub(crate) fn semaphore_of(backend: &str) -> Option<&str> {
    backend.strip_prefix(KIND)
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
        let name = format!("{KIND}{semaphore}");
        match (broken, CString::new(semaphore.as_str())) {
            (None, Ok(semaphore)) => Ok(Self { semaphore, name, part: Mutex::new(None) }),
            (reason, _) => {
                let reason = reason.unwrap_or("it has a NUL");
                Err(Error::InvalidName { name: semaphore, reason })
            }
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
        match self.examine(file, path) {
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

    fn lasting(&self) -> Option<&dyn Lasting> {
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

    /// The semaphore stays taken, and gets the stamp of `to` before others find that: a holder that is
    /// killed once `to` has its name has left the stamp that goes with it.
    fn follow(
        &self,
        from: &File,
        to: &File,
        path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        let (old, new) = (stamp(from)?, stamp(to)?);
        Flock.follow(from, to, path, &mut || {
            self.stamp_anew(old, new);
            let is_there = put();
            if !is_there {
                self.stamp_anew(new, old);
            }
            is_there
        })
    }

    fn release(&self, file: &File, path: &Path) -> io::Result<()> {
        self.let_go(file, path)?;
        Flock.release(file, path)
    }
}

impl Passing for PosixSemaphore {
    /// The semaphore stays taken. It has the stamp of the lockfile, whichever process holds that.
    fn adopt(&self, file: &File, path: &Path) -> io::Result<bool> {
        let Some(semaphore) = NamedSemaphore::open(&self.semaphore)? else { return Ok(false) };
        let stamp = stamp(file)?;
        if !Flock.adopt(file, path)? {
            return Ok(false);
        }
        *self.part() = Some(Part { semaphore, stamp, claim: Claim::Taken });
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
