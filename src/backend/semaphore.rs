//! A System V semaphore, for each path, that the kernel gives back when its holder dies.
//!
//! # Definitions
//!
//! A *set* has six semaphores: the *lock*, which is 0 or 1, two that hold a *tag* of the path, and
//! three that hold the *signature* of this crate, by which `sweep.rs` knows a set without the path.
//! A path has a few *keys*, tried in order, because other programs may have taken some; a set is
//! *of* the path if it has one of its keys and its tag. Keys and tag are made of sixty bits of the
//! canonical path, see `address.rs`.
//!
//! # How it goes
//!
//! ```text
//! lock:    1 look at all keys: the set of the path whose lock is taken, else any set of the path,
//!            else make one at the first key that is free, and tag it
//!          2 in one semop(2): the lock is 0, and becomes 1 until this process ends
//!          3 look at all keys again: is the lock of another set of the path taken? again from 1
//! release: nobody waits, and this user may: remove the set; else the lock becomes 0
//! ```
//!
//! # Why one at most is admitted
//!
//! - *A new set.* All its semaphores are 0, and 0 is free: there is nothing to initialise, and so no
//!   moment in which a set is not ready. Who tags it is settled by one semop(2), which succeeds
//!   only while the tag is 0.
//! - *Two sets of one path.* Between the look at the keys and the making of a set, a stranger may
//!   remove the set that has an earlier key, so that another contender makes a set there. Both are
//!   locked then, by different processes: hence step 3. It comes after step 2, so whoever is the
//!   later of two to lock sees the lock of the other, and lets go.
//! - *Removing the set.* Whoever removes it has its lock, and is done: the lockfile has been vacated,
//!   or was never ours. Nobody can lock a removed set; those who wait for it, and those who found it
//!   just before, are told that it has gone, and begin again. So to remove it is to unlock it,
//!   for everybody at once. Between asking whether anybody waits and removing it, another may come
//!   to wait: it loses its place in the queue, and nothing else.
//! - *Death.* Between locking and writing the record a process may die: the kernel unlocks, and the
//!   set stays, tagged, for the next contender, who removes it in the end.
//! - *A set that is removed by somebody else* (`ipcrm`) while it is locked: the next contender makes
//!   another, is admitted to it, and finds the record of a process that lives. Only one who comes
//!   before that record is written would be a second holder.

mod address;
mod survey;
mod sweep;

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use self::address::Address;
use super::{Admission, Backend, Queue, Scope};
use crate::sys::{Outcome, SemaphoreSet, Step};

/// The semaphore that is the lock. The tag and the signature are in the others.
const LOCK: u16 = 0;
/// How many semaphores a set has.
const SIZE: u16 = 6;

const ENTER: [Step; 2] = [Step::zero(LOCK), Step::undone(LOCK, 1)];
const LEAVE: [Step; 1] = [Step::undone(LOCK, -1)];

/// A System V semaphore whose change the kernel takes back when the holder dies (`SEM_UNDO`).
///
/// For file systems that have no locks, or none to rely on (NFS with `nolock`, some of FUSE), when
/// all contenders are on one host and in one IPC namespace. Elsewhere [`Flock`](super::Flock) is
/// the better choice.
///
/// Those who wait are served in the order of their coming, whether they wait with a limit or without,
/// and nobody gets in between; but a thread in which a signal handler runs meanwhile, or that is
/// [told](crate::Lockfile::on_wait) of the holder, goes to the end of the queue.
///
/// The lock ends with the process, also where a child that it has forked lives on; but not with
/// execve(2), which keeps semaphores: unlock before.
///
/// It belongs to the path, with symbolic links in the directory resolved. So it keeps others out also
/// when the lockfile was deleted while it is held; but by another hard link, bind mount,
/// root directory (chroot(2)) or spelling (where case does not count) of the same file one comes to
/// another semaphore, and the record alone protects, as it does from other IPC namespaces.
///
/// # Hazards
///
/// - **Other IPC namespaces.** A container usually has its own, with semaphores of its own. There
///   the record alone protects: a contender is busy once it is written, and two who come in the same
///   instant can both get in. A holder that changes its IPC namespace (unshare(2), setns(2)) leaves
///   the semaphore behind: unlock before.
/// - **Others who may alter the set.** They can unlock it, or remove it while it is held; see above
///   for what the record then does. Whoever may write to the lockfile may alter the set, from its
///   making on: users and bits are copied, access control lists are not. (In the instant between the
///   making and the copying, the file's owner is refused with an error, if another has made the set.)
/// - **Giving up rights.** A process that may not alter the set any more (setuid(2)) cannot unlock: an
///   [`Error::Io`](crate::Error::Io) says so, and the semaphore is free when the process ends.
/// - **Whoever comes first.** Every user of the IPC namespace can take the keys of a path, and keep
///   its users out.
/// - **Sets stay** where a holder dies, and where a release is another user's than the set's: the
///   next contender uses them, and removes them if it may. [`Semaphore::sweep`], and `tenure doctor
///   --sweep`, remove all that nobody holds. `ipcs -s` lists them, `ipcrm -s` removes one. A system has
///   a number of them (`SEMMNI` of semget(2): 32000 on Linux), and beyond it no new lock can be had,
///   which is an [`Error::Io`](crate::Error::Io) that says so.
/// - **Threads** that share no undo list with the others (clone(2) without `CLONE_SYSVSEM`, which
///   every thread of std has) must not release what another has acquired.
///
/// # Platform-specific behavior
///
/// Linux; elsewhere it is [`Error::Unsupported`](crate::Error::Unsupported).
///
/// # Examples
///
/// ```no_run
/// use tenure::{Lockfile, Semaphore};
///
/// let mut lock = Lockfile::new("/mnt/share/ledger.lock").backend(Semaphore);
/// lock.try_lock()?;
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Semaphore;

impl Backend for Semaphore {
    fn name(&self) -> &'static str {
        "semaphore"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn sees_kernel_locks(&self) -> bool {
        false
    }

    fn scope(&self) -> Scope {
        Scope::IpcNamespace
    }

    fn queue(&self) -> Queue {
        Queue::Timed
    }

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        let locked = lock(file, path, |set| match set.try_take(&ENTER)? {
            // Between removing the lockfile and unlocking, a holder has a semaphore that is in the
            // way of whoever creates the next lockfile, which would be left behind, empty.
            Outcome::Late if file.metadata()?.len() == 0 => {
                set.take(&ENTER, Some(Instant::now() + MOMENT))
            }
            outcome => Ok(outcome),
        })?;
        Ok(if locked { Admission::Locked } else { Admission::Refused })
    }

    fn wait(&self, file: &File, path: &Path, until: Option<Instant>) -> io::Result<bool> {
        lock(file, path, |set| set.take(&ENTER, until))
    }

    fn is_awaited(&self, file: &File, _path: &Path) -> bool {
        let awaited = noted(file).and_then(|set| set.map_or(Ok(false), |set| set.is_awaited(LOCK)));
        awaited.unwrap_or(false)
    }

    /// Makes no set, and alters none: looks at the lock before and after. Whoever is admitted and
    /// has released in between has left a record that speaks for itself.
    fn look(&self, _file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let address = Address::of(path)?;
        if !address.is_free(None)? {
            return Ok(false);
        }
        look();
        // Between the two, a contender may have been admitted. It has not been told that somebody
        // looks: it is for the reader to find out.
        Ok(matches!(address.is_free(None), Ok(true)))
    }

    /// The set is that of the path.
    fn follow(
        &self,
        from: &File,
        to: &File,
        _path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        if let Some(set) = noted(from)? {
            note(to, set)?;
            put();
        }
        Ok(())
    }

    fn release(&self, file: &File, _path: &Path) -> io::Result<()> {
        let Some(set) = noted(file)? else { return Ok(()) };
        // Somebody may have removed the set, and its number may mean another in another namespace;
        // or this is a forked child, and its parent has the lock. Whoever has locked is the last to
        // have taken a step, because nobody else could.
        if set.last_process(LOCK)? != Some(std::process::id()) {
            return Ok(());
        }
        leave(set).map(drop)
    }
}

/// For how long is waited for a holder that has just left, or is about to write its record. That takes
/// microseconds; the rest is for one that loses the processor meanwhile.
const MOMENT: Duration = Duration::from_millis(100);

/// More than other processes ever make and remove sets in the way of one.
const TURNS: u32 = 1_000_000;

/// Locks the set of `path` by way of `enter`; whether it is locked.
fn lock(
    file: &File,
    path: &Path,
    mut enter: impl FnMut(SemaphoreSet) -> io::Result<Outcome>,
) -> io::Result<bool> {
    let address = Address::of(path)?;
    for turn in 0..TURNS {
        if turn > 0 {
            std::thread::yield_now();
        }
        let Some(set) = address.find_or_make(file)? else { continue };
        // Before locking, because what fails afterwards would have to unlock.
        note(file, set)?;
        match enter(set)? {
            Outcome::Taken => {}
            Outcome::Late => return Ok(false),
            // Since it was found, its holder has removed it, or somebody else.
            Outcome::Gone => continue,
        }
        // Between finding the set and locking it, another may have locked another set of this path.
        match address.is_free(Some(set)) {
            Ok(true) => return Ok(true),
            Ok(false) => _ = leave(set)?,
            Err(err) => {
                leave(set)?;
                return Err(err);
            }
        }
    }
    Err(io::Error::other("the semaphore sets of its path come and go"))
}

/// Unlocks the set, which this process has locked; whether it was removed.
fn leave(set: SemaphoreSet) -> io::Result<bool> {
    if !set.is_awaited(LOCK)? && set.remove()? {
        return Ok(true);
    }
    // `Late` would be that it is unlocked.
    set.try_take(&LEAVE).map(|_| false)
}

/// Notes which set belongs to the open `file`, for as long as that is open: after the lockfile has
/// been vacated, its path may lead elsewhere.
///
/// The note is the file's offset, for which the protocol has no use (pread(2), pwrite(2)): so a
/// possession needs no memory of its own, that a forked child could find locked.
fn note(mut file: &File, set: SemaphoreSet) -> io::Result<()> {
    file.seek(SeekFrom::Start(u64::from(set.id()) + 1)).map(drop)
}

fn noted(mut file: &File) -> io::Result<Option<SemaphoreSet>> {
    let offset = file.stream_position()?;
    let id = offset.checked_sub(1).and_then(|id| u32::try_from(id).ok());
    Ok(id.and_then(SemaphoreSet::of))
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
