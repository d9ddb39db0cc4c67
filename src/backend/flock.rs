//! The default backend: flock(2) on the inode of the lockfile.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Instant;

use super::{Admission, Backend, Passing, Queue, Scope, Sharing};
use crate::sys::{self, Mark, Mode};

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
        sys::LOCK_NAME
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

    fn goes_with_descriptor(&self) -> bool {
        true
    }

    fn try_lock(&self, file: &File, _path: &Path) -> io::Result<Admission> {
        if sys::try_lock(file, Mode::Exclusive)? {
            return Ok(Admission::Locked);
        }
        // Between our attempt and now the one in the way may have been a reader in `look`, who has
        // the shared lock for an instant: to take it for a holder would make a daemon refuse to
        // start because somebody asked for its status. Where the shared lock can be had, nobody
        // has the exclusive one; and who shares it for longer says so.
        if !sys::try_lock(file, Mode::Shared)? {
            return Ok(Admission::Refused);
        }
        let shared = is_marked(file, Mark::Shares);
        sys::release(file)?;
        Ok(if shared { Admission::Refused } else { Admission::Observed })
    }

    /// The kernel's, which no deadline ends.
    fn wait(&self, file: &File, _path: &Path, _until: Option<Instant>) -> io::Result<bool> {
        block(file, Mode::Exclusive).map(|()| true)
    }

    fn sharing(&self) -> Option<&dyn Sharing> {
        Some(self)
    }

    fn passing(&self) -> Option<&dyn Passing> {
        sys::CAN_PASS.then_some(self)
    }

    fn is_awaited(&self, file: &File, _path: &Path) -> bool {
        is_marked(file, Mark::Waits)
    }

    fn look(&self, file: &File, _path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        if !sys::try_lock(file, Mode::Shared)? {
            return Ok(false);
        }
        let shared = is_marked(file, Mark::Shares);
        if !shared {
            look();
        }
        sys::release(file)?;
        Ok(!shared)
    }

    fn release(&self, file: &File, _path: &Path) -> io::Result<()> {
        sys::release(file)
    }
}

/// How often is looked past those who look.
const LOOKS: u32 = 1000;

impl Sharing for Flock {
    fn try_share(&self, file: &File, _path: &Path) -> io::Result<bool> {
        let shared = sys::try_lock(file, Mode::Shared)?;
        if shared {
            say_so(file);
        }
        Ok(shared)
    }

    fn wait_to_share(&self, file: &File, _path: &Path) -> io::Result<()> {
        block(file, Mode::Shared)?;
        say_so(file);
        Ok(())
    }

    fn may_write(&self, file: &File, _path: &Path) -> bool {
        may_be_marked(file) && sys::mark(file, Mark::Writes).unwrap_or(false)
    }

    fn have_alone(&self, file: &File, _path: &Path) -> io::Result<bool> {
        // Between letting go of the one lock and having the other, another may have had it alone;
        // whoever has it now is alone all the same.
        for _ in 0..LOOKS {
            if sys::try_lock(file, Mode::Exclusive)? {
                return Ok(true);
            }
            // Somebody has it alone now, or others share it.
            if !sys::try_lock(file, Mode::Shared)? || is_marked(file, Mark::Shares) {
                return Ok(false);
            }
            // Or somebody looks, for an instant.
            std::thread::yield_now();
        }
        Ok(false)
    }

    fn let_go(&self, file: &File, _path: &Path) -> io::Result<()> {
        if may_be_marked(file) {
            let _ = sys::unmark(file, Mark::Writes);
            let _ = sys::unmark(file, Mark::Shares);
        }
        sys::release(file)
    }
}

impl Passing for Flock {
    /// Whoever shares the open file description is granted what another is refused.
    fn adopt(&self, file: &File, path: &Path) -> io::Result<bool> {
        let other = sys::open_to_read(path)?;
        if sys::stat(&other)?.id != sys::stat(file)?.id {
            return Ok(false);
        }
        if sys::try_lock(&other, Mode::Shared)? {
            // Nobody has it. (Closing lets go of it as well, but for a child forked meanwhile.)
            sys::release(&other)?;
            return Ok(false);
        }
        sys::try_lock(file, Mode::Exclusive)
    }
}

/// Between our sharing it and our saying so, a contender may take us for a reader, and asks again.
fn say_so(file: &File) {
    if may_be_marked(file) {
        // Without it, contenders wait for us a moment longer before they are told that it is busy.
        let _ = sys::mark(file, Mark::Shares);
    }
}

/// Waits in the kernel's queue.
fn block(file: &File, mode: Mode) -> io::Result<()> {
    if sys::try_lock(file, mode)? {
        return Ok(());
    }
    // Between the mark and the queue the holder may release, and leave us a file that we have for
    // the asking; before the mark, it removes the file, and we begin again.
    let marked = may_be_marked(file) && sys::mark(file, Mark::Waits).is_ok();
    let locked = sys::block(file, mode);
    if marked {
        // Whoever is forked while we hold would have the mark for as long as it lives.
        let _ = sys::unmark(file, Mark::Waits);
    }
    locked
}

/// Whether anybody else has put `mark` on the file.
fn is_marked(file: &File, mark: Mark) -> bool {
    sys::is_marked(file, mark).unwrap_or(false) && may_be_marked(file)
}

/// Over a network the lock itself can be one on a range of bytes (nfs(5)), and a mark would be in
/// its way.
fn may_be_marked(file: &File) -> bool {
    matches!(sys::is_local(file), Ok(Some(true)))
}
