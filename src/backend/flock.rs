//! The default backend: flock(2) on the inode of the lockfile.

mod ground;

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Instant;

use self::ground::Ground;
use super::{Admission, Backend, Passing, Queue, Scope, Sharing};
use crate::sys::{self, Mark, Mode};

/// flock(2) on the inode of the lockfile.
///
/// The kernel lets one contender in, queues those who wait in the order of their coming, and frees
/// the lock when the last copy of the holder's descriptor is closed, which every death does.
/// Scope: one kernel; over `NFSv4` all clients of the server. Excludes, and is excluded by,
/// flock(1) and every other user of flock(2) on the same file.
///
/// On a local file system under Linux, it excludes the users of fcntl(2) and lockf(3) as well, and is
/// excluded by them: the holder has an open-file-description lock on all bytes besides. A *shared* lock
/// of another program, of either kind, makes the lockfile busy, too. On other file systems, such locks
/// of others are asked for before the lock is taken.
///
/// Any process that can open the file for reading can lock it and block all others. Where that
/// matters, give the lockfile a [`mode`](crate::Lockfile::mode) of 0o600.
///
/// # Platform-specific behavior
///
/// Linux 3.15 or newer for the locks of fcntl(2) (`F_OFD_SETLK`). The last 16 bytes that a file can
/// have are not covered by them: users of this crate lock those to tell each other what they do.
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
        admit(file, Mode::Exclusive)
    }

    /// The kernel's, which no deadline ends.
    fn wait(&self, file: &File, _path: &Path, _until: Option<Instant>) -> io::Result<bool> {
        block(file, Mode::Exclusive)
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
        let ground = Ground::of(file);
        if !ground.is_strict() {
            let _ = sys::mark(file, Mark::Opens);
        }
        look_at(file, ground, look)
    }

    fn release(&self, file: &File, _path: &Path) -> io::Result<()> {
        release(file)
    }
}

/// Runs `look` while nobody has a lock that excludes readers; whether that is so.
fn look_at(file: &File, ground: Ground, look: &mut dyn FnMut()) -> io::Result<bool> {
    // First, so that contenders who meet our shared lock know what it is for.
    let marked = ground.is_strict() && sys::mark(file, Mark::Looks).unwrap_or(false);
    let free = is_free(file, ground);
    if matches!(free, Ok(true)) {
        look();
    }
    let released = sys::release(file);
    if marked {
        sys::unmark(file, Mark::Looks)?;
    }
    released?;
    free
}

/// How often is looked past those who look.
const LOOKS: u32 = 1000;

/// How often a reader tries to be the only one, to see whether others than readers share the lock.
const READERS: u32 = 50;

/// How often a shared lock without a mark has to be met before it is a stranger's. Each time but the
/// last, a reader may have had it and have gone before it was asked for its mark.
const INSTANTS: usize = 16;

impl Sharing for Flock {
    fn try_share(&self, file: &File, _path: &Path) -> io::Result<bool> {
        let ground = Ground::of(file);
        if ground.is_taken_by_bytes(file, Mode::Shared)? || !sys::try_lock(file, Mode::Shared)? {
            return Ok(false);
        }
        let shared = ground.lock_bytes(file, Mode::Shared)?;
        if shared {
            say_so(file);
        }
        Ok(shared)
    }

    fn wait_to_share(&self, file: &File, _path: &Path) -> io::Result<bool> {
        let shared = block(file, Mode::Shared)?;
        if shared {
            say_so(file);
        }
        Ok(shared)
    }

    fn may_write(&self, file: &File, _path: &Path) -> bool {
        may_be_marked(file) && sys::mark(file, Mark::Writes).unwrap_or(false)
    }

    fn have_alone(&self, file: &File, _path: &Path) -> io::Result<bool> {
        // Between letting go of the one lock and having the other, another may have had it alone;
        // whoever has it now is alone all the same.
        for _ in 0..LOOKS {
            if sys::try_lock(file, Mode::Exclusive)? {
                return Ground::of(file).lock_bytes(file, Mode::Exclusive);
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
            let _ = sys::unmark(file, Mark::Creates);
        }
        release(file)
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

/// Locks `file` if that takes no waiting.
fn admit(file: &File, mode: Mode) -> io::Result<Admission> {
    let ground = Ground::of(file);
    // Where no lock can say what we are, this tells those who find an empty file open.
    if !ground.is_strict() {
        let _ = sys::mark(file, Mark::Opens);
    }
    let admission = admit_to(file, mode, ground)?;
    if admission != Admission::Locked && ground.is_strict() {
        // The holder need not leave the file to us when it releases.
        let _ = sys::mark(file, Mark::Opens);
    }
    Ok(admission)
}

fn admit_to(file: &File, mode: Mode, ground: Ground) -> io::Result<Admission> {
    let locked = |file| {
        let locked = ground.lock_bytes(file, mode)?;
        Ok(if locked { Admission::Locked } else { Admission::Refused })
    };
    if ground.is_taken_by_bytes(file, mode)? {
        return Ok(Admission::Refused);
    }
    if sys::try_lock(file, mode)? {
        return locked(file);
    }
    // Between our attempt and now the one in the way may have been a reader in `look`, who has
    // the lock for an instant: to take it for a holder would make a daemon refuse to start
    // because somebody asked for its status.
    let shared = sys::try_lock(file, Mode::Shared)?;
    if !ground.is_strict() {
        if !shared {
            return Ok(Admission::Refused);
        }
        let shared = is_marked(file, Mark::Shares);
        sys::release(file)?;
        return Ok(if shared { Admission::Refused } else { Admission::Observed });
    }
    if shared {
        sys::release(file)?;
    } else if are_bytes_taken(file) {
        return Ok(Admission::Refused);
    }
    // Our own shared locks below are an instant's, too, for those who come meanwhile.
    if !sys::mark(file, Mark::Looks).unwrap_or(false) {
        // Without marks, the only one in the way who is no holder is a reader, who shares the lock.
        return Ok(if shared { Admission::Observed } else { Admission::Refused });
    }
    let admission = admit_past_readers(file, mode);
    sys::unmark(file, Mark::Looks)?;
    match admission? {
        Admission::Locked => locked(file),
        other => Ok(other),
    }
}

/// Tells a reader, who is gone in an instant, from others who share the lock.
fn admit_past_readers(file: &File, mode: Mode) -> io::Result<Admission> {
    for _ in 0..INSTANTS {
        if sys::try_lock(file, mode)? {
            return Ok(Admission::Locked);
        }
        if sys::try_lock(file, Mode::Shared)? {
            let (shared, reader) = (is_marked(file, Mark::Shares), is_marked(file, Mark::Looks));
            sys::release(file)?;
            if shared || reader {
                return Ok(if shared { Admission::Refused } else { Admission::Observed });
            }
        } else if are_bytes_taken(file) {
            return Ok(Admission::Refused);
        } else if is_marked(file, Mark::Looks) {
            return Ok(Admission::Observed);
        }
        // Between the lock and the question for its mark, a reader may have gone. A stranger stays.
        std::thread::yield_now();
    }
    Ok(Admission::Refused)
}

/// Whether somebody has bytes locked: a holder of this crate has, and a reader has not. Where nothing
/// tells, readers have no marks either.
fn are_bytes_taken(file: &File) -> bool {
    !matches!(sys::conflicting_bytes(file, Mode::Exclusive), Ok(None))
}

/// Whether nobody has a lock of any kind on `file`. If so, we share the flock.
fn is_free(file: &File, ground: Ground) -> io::Result<bool> {
    if ground.is_taken_by_bytes(file, Mode::Exclusive)? {
        return Ok(false);
    }
    if !ground.is_strict() {
        return Ok(sys::try_lock(file, Mode::Shared)? && !is_marked(file, Mark::Shares));
    }
    let (mut refusals, mut strangers) = (0, 0);
    for _ in 0..READERS {
        if !sys::try_lock(file, Mode::Shared)? {
            // Another reader may be where we are below, for an instant.
            refusals += usize::from(!is_marked(file, Mark::Looks));
            if are_bytes_taken(file) || refusals == INSTANTS {
                return Ok(false);
            }
            std::thread::yield_now();
            continue;
        }
        let bytes = sys::conflicting_bytes(file, Mode::Exclusive)?;
        if bytes.is_some() || is_marked(file, Mark::Shares) {
            return Ok(false);
        }
        // Only a lock that excludes everybody tells whether a stranger shares it. It becomes a shared
        // one at once; between the two, another can be admitted, and then is the holder.
        if sys::try_lock(file, Mode::Exclusive)? {
            return sys::try_lock(file, Mode::Shared);
        }
        // The failed attempt has cost us our lock.
        strangers += usize::from(!is_marked(file, Mark::Looks));
        if strangers == INSTANTS {
            return Ok(false);
        }
        std::thread::yield_now();
    }
    // Other readers, all the time.
    sys::try_lock(file, Mode::Shared)
}

/// Waits in the kernel's queue; whether it is locked now.
fn block(file: &File, mode: Mode) -> io::Result<bool> {
    let ground = Ground::of(file);
    loop {
        // What is asked for elsewhere can only be asked for again.
        if ground.is_taken_by_bytes(file, mode)? {
            return Ok(false);
        }
        if !sys::try_lock(file, mode)? && !queue(file, mode)? {
            return Ok(false);
        }
        if ground.lock_bytes(file, mode)? {
            return Ok(true);
        }
        // Not while we have the flock: a program that takes both in the other order would wait for
        // us, and we for it.
        sys::wait_for_bytes(file, mode)?;
    }
}

fn queue(file: &File, mode: Mode) -> io::Result<bool> {
    // Between the mark and the queue the holder may release, and leave us a file that we have for
    // the asking; before the mark, it removes the file, and we begin again.
    let marked = is_held_by_own_kind(file) && sys::mark(file, Mark::Waits).is_ok();
    let locked = sys::block(file, mode);
    if marked {
        // A child that is forked while we hold would keep the mark for as long as it lives.
        let _ = sys::unmark(file, Mark::Waits);
    }
    locked
}

/// Whether the holder uses this crate, and heeds [`Mark::Waits`].
///
/// To another program the mark would be a lock on the last bytes: one that has the flock, and then waits
/// for a lock on the whole file, would wait for us, and we for it. (One that comes to hold while we wait
/// for a holder of this crate still does.)
pub(crate) fn is_held_by_own_kind(file: &File) -> bool {
    let lock = sys::conflicting_bytes(file, Mode::Exclusive);
    may_be_marked(file) && matches!(lock, Ok(Some(lock)) if lock.is_own_kind)
}

/// Unlocks the bytes and the flock, also for copies of the descriptor.
fn release(file: &File) -> io::Result<()> {
    if Ground::of(file) == Ground::Local {
        sys::unlock_bytes(file)?;
    }
    sys::release(file)
}

/// Whether anybody has a lock of the kernel's on `file`: for backends that lock something else.
pub(crate) fn is_locked(file: &File) -> io::Result<bool> {
    // Not `look`, because the offset of the descriptor may be the other backend's.
    match look_at(file, Ground::of(file), &mut || {}) {
        Ok(free) => Ok(!free),
        Err(err) if err.kind() == io::ErrorKind::Unsupported => {
            Ok(sys::conflicting_bytes(file, Mode::Exclusive)?.is_some())
        }
        Err(err) => Err(err),
    }
}

/// Whether anybody else has put `mark` on the file.
fn is_marked(file: &File, mark: Mark) -> bool {
    sys::is_marked(file, mark).unwrap_or(false) && may_be_marked(file)
}

/// Over a network the lock itself can be one on a range of bytes (nfs(5)), and a mark would be in
/// its way.
fn may_be_marked(file: &File) -> bool {
    sys::is_surely_local(file)
}
