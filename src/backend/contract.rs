//! What every backend has to do.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Instant;

use super::lasting::Lasting;
use super::passing::Passing;
use super::sharing::Sharing;
#[cfg(doc)]
use super::{Flock, Hardlink, Memory, Semaphore};

/// What comes of asking for the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// The lock is ours.
    Locked,
    /// Somebody else has it.
    Refused,
    /// Nobody has it, but somebody [looks](Backend::look) at this very moment: ask again.
    Observed,
}

/// How far a lock reaches: who is kept out by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// This process.
    Process,
    /// All processes of an IPC namespace: a container usually has one of its own.
    IpcNamespace,
    /// All processes of this kernel, in whatever container.
    Kernel,
    /// The processes of other hosts, too.
    Network,
}

/// What a backend offers to those who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Queue {
    /// Nothing: they look at the lock whenever something happens to the lockfile.
    None,
    /// A queue that nothing ends but the lock.
    Endless,
    /// A queue that a deadline ends as well.
    Timed,
}

/// A lock that admits one contender at a time to the lockfile at a path.
///
/// The lockfile says who holds; the backend decides. An implementation has these obligations:
///
/// 1. **Admits at most one.** Between a `try_lock` or `wait` that succeeded and the `release` of
///    the same `file`, none succeeds for another open of the same file, in this process or in
///    any other within the backend's scope.
/// 2. **Is not fooled by names.** A lock may be keyed by the file (its inode) or by `path`. The
///    caller compares both after it is admitted, and only the admitted replaces or removes the
///    file.
/// 3. **Says what death means.** Where [`freed_at_death`](Self::freed_at_death) is true, the lock
///    is free once its holder has died, by whatever death, and every copy of its descriptors is
///    closed. A free lock is then proof that the holder of a record is gone. Where it is false,
///    the record is judged once the lock is free, and *not while it is refused*: a lock that
///    outlives its holder is busy until its lease or its session ends, and that holder is named
///    ([`Outlived`](crate::Why::Outlived), where that can be seen). Nobody breaks it because of
///    what the lockfile says: of two who did, the second would break the first.
/// 4. **Says how far it reaches.** A lock that keeps out less than this kernel's processes
///    ([`scope`](Self::scope)) is no proof when it is free: the record has to be, and one of another
///    PID namespace is then unproven, whatever boot it names. With such a lock, and with one that
///    reaches other hosts, an earlier boot of this machine is known by machine id and host name
///    together.
/// 5. **Goes on after signals.** No call fails because a signal handler ran.
///
/// An error means that the lock was *not* acquired.
pub trait Backend: Debug + Send + Sync {
    /// The name that records carry, so that a lock is only taken for free by the backend that it
    /// was taken with: what a dead holder has left is [`Error::ProcessDead`](crate::Error::ProcessDead)
    /// to every other, unless it is of [`Flock`], [`Semaphore`] or [`Memory`], whose locks end with
    /// their holders. Short, and the same for ever.
    fn name(&self) -> &str;

    /// Whether the lock is freed when its holder dies.
    fn freed_at_death(&self) -> bool;

    /// How far the lock reaches.
    fn scope(&self) -> Scope;

    /// What [`wait`](Self::wait) can do.
    fn queue(&self) -> Queue {
        Queue::None
    }

    /// Whether being admitted means that nobody else has a lock of the kernel's (flock(2), fcntl(2)) on
    /// the file. If not, they are asked for by way of the same descriptor, which takes a flock(2) for an
    /// instant: so a backend that uses one itself has to answer for them.
    fn sees_kernel_locks(&self) -> bool {
        true
    }

    /// Whether the lock goes with the descriptor of `file` to a program that inherits it through
    /// execve(2), and is freed when that one has ended.
    fn goes_with_descriptor(&self) -> bool {
        false
    }

    /// Locks `file`, which was opened at `path`, if that takes no waiting.
    ///
    /// # Errors
    ///
    /// The primitive cannot be used on this file: nothing is locked.
    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission>;

    /// Locks, waiting in the [`queue`](Self::queue) until `until`, or for as long as it takes;
    /// whether it is locked now. Is not called where there is no such queue.
    ///
    /// # Errors
    ///
    /// As for [`try_lock`](Self::try_lock).
    fn wait(&self, _file: &File, _path: &Path, _until: Option<Instant>) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// What the lock can do for those who share it; `None` if it cannot be shared.
    fn sharing(&self) -> Option<&dyn Sharing> {
        None
    }

    /// What the lock can do for those who pass it on to another process; `None` if it belongs to the
    /// process that took it.
    fn passing(&self) -> Option<&dyn Passing> {
        None
    }

    /// What the lock can do about a part of it that death does not free; `None` if it has none.
    fn lasting(&self) -> Option<&dyn Lasting> {
        None
    }

    /// Whether anybody waits in the [`queue`](Self::queue) for `file`, which the caller has locked.
    ///
    /// Then the lockfile is left to them when it is released, and the last of them removes it:
    /// removing it at once would send all who wait to another file, in another order. `false`,
    /// unless implemented, costs no more than that order.
    fn is_awaited(&self, _file: &File, _path: &Path) -> bool {
        false
    }

    /// Runs `look` while nobody holds the lock, or says that somebody does, with `false`.
    ///
    /// `file` may be open for reading only. A contender who comes meanwhile has to be told
    /// [`Admission::Observed`], or is let in, and then this says that somebody holds. It is never
    /// `Refused`: reading must not make anybody busy.
    ///
    /// # Errors
    ///
    /// The primitive cannot be used on this file: `look` has not run.
    fn look(&self, file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool>;

    /// Locks `to` besides `from`, which the caller has locked, runs `put`, which gives `to` the name
    /// `path` if that is not taken, and lets go of `from` if it did, or else of `to`: for a lockfile
    /// that somebody removed while it was held. Does nothing if `to` cannot be locked. A lock on the
    /// path, and not on the file, has to be moved to `to` without letting go of it.
    ///
    /// # Errors
    ///
    /// The primitive cannot be used on this file: `put` has not run.
    fn follow(
        &self,
        from: &File,
        to: &File,
        path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        if self.try_lock(to, path)? == Admission::Locked {
            // Closing would do, but for copies of the descriptor in forked children.
            let _ = self.release(if put() { from } else { to }, path);
        }
        Ok(())
    }

    /// Releases what `try_lock` or `wait` acquired, also where a forked child has copies of the
    /// descriptor.
    ///
    /// # Errors
    ///
    /// The lock may still be held: the caller reports it, and can ask again.
    fn release(&self, file: &File, path: &Path) -> io::Result<()>;
}
