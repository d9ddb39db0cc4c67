//! The default backend: flock(2) on the inode of the lockfile.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Instant;

use super::{Admission, Backend, Queue, Scope};
use crate::sys::{self, Mode};

/// flock(2) on the inode of the lockfile.
///
/// The kernel lets one contender in, queues those who wait in the order of their coming, and frees
/// the lock when the last copy of the holder's descriptor is closed, which every death does.
/// Scope: one kernel; over `NFSv4` all clients of the server. Excludes, and is excluded by,
/// flock(1) and every other user of flock(2) on the same file.
///
/// Anybody who may open the file for reading may also lock it, and so keep others out: where that
/// matters, give the lockfile a [`mode`](crate::Lockfile::mode) of 0o600.
///
/// # Platform-specific behavior
///
/// Linux: over NFS the lock is emulated by a POSIX record lock on the whole file (since 2.6.12),
/// over SMB it is the server's. A FUSE file system that does not implement it gets locks that are
/// good on one host only (flock(2), "NFS details" and "CIFS details").
#[derive(Clone, Copy, Debug, Default)]
pub struct Flock;

impl Backend for Flock {
    fn name(&self) -> &'static str {
        "flock"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn scope(&self) -> Scope {
        Scope::Kernel
    }

    fn queue(&self) -> Queue {
        Queue::Endless
    }

    fn try_lock(&self, file: &File, _path: &Path) -> io::Result<Admission> {
        if sys::try_lock(file, Mode::Exclusive)? {
            return Ok(Admission::Locked);
        }
        // Between our attempt and now the one in the way may have been a reader in `look`, who has
        // the shared lock for an instant: to take it for a holder would make a daemon refuse to
        // start because somebody asked for its status. Where the shared lock can be had, nobody
        // has the exclusive one.
        if !sys::try_lock(file, Mode::Shared)? {
            return Ok(Admission::Refused);
        }
        sys::release(file)?;
        Ok(Admission::Observed)
    }

    /// The kernel's, which no deadline ends.
    fn wait(&self, file: &File, _path: &Path, _until: Option<Instant>) -> io::Result<bool> {
        // Between the mark and the queue the holder may release, and leave us a file that we have
        // for the asking; before the mark, it removes the file, and we begin again.
        let marked = may_be_marked(file) && sys::mark(file).is_ok();
        let locked = sys::block(file, Mode::Exclusive);
        if marked {
            // Whoever is forked while we hold would have the mark for as long as it lives.
            let _ = sys::unmark(file);
        }
        locked.map(|()| true)
    }

    fn is_awaited(&self, file: &File, _path: &Path) -> bool {
        sys::is_marked(file).unwrap_or(false) && may_be_marked(file)
    }

    fn look(&self, file: &File, _path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        if !sys::try_lock(file, Mode::Shared)? {
            return Ok(false);
        }
        look();
        sys::release(file)?;
        Ok(true)
    }

    fn release(&self, file: &File, _path: &Path) -> io::Result<()> {
        sys::release(file)
    }
}

/// Over a network the lock itself can be one on a range of bytes (nfs(5)), and a mark would be in
/// its way.
fn may_be_marked(file: &File) -> bool {
    matches!(sys::is_local(file), Ok(Some(true)))
}
