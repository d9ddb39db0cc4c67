//! fcntl(2), `F_OFD_SETLK` - a lock on the bytes of a file, as programs take that use fcntl(2) or
//! lockf(3) and not flock(2).
//!
//! It covers every byte below the [marks](super::mark). POSIX record locks and open-file-description
//! locks conflict with each other, and neither conflicts with flock(2) on a local file system.

use std::fs::File;
use std::io;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

use super::mark::{FIRST, FITS, retry};
use crate::sys::byte_lock::ByteLock;
use crate::sys::lock_mode::Mode;

/// Locks the bytes of `file` if nobody has a conflicting lock; whether they are locked now. A lock
/// that `file` has already is converted.
pub(crate) fn lock_bytes(file: &File, mode: Mode) -> io::Result<bool> {
    if !FITS {
        return Ok(true);
    }
    let lock = range(kind(mode));
    match retry(|| fcntl(file, FcntlArg::F_OFD_SETLK(&lock))) {
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        // The errors: no such locks here, and then nobody else has one either.
        Ok(()) | Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => Ok(true),
        Err(err) => Err(err.into()),
    }
}

/// Waits until nobody has a lock that conflicts with `mode`. Nothing is locked afterwards.
pub(crate) fn wait_for_bytes(file: &File, mode: Mode) -> io::Result<()> {
    if !FITS {
        return Ok(());
    }
    let lock = range(kind(mode));
    retry(|| fcntl(file, FcntlArg::F_OFD_SETLKW(&lock)))?;
    unlock_bytes(file)
}

/// Unlocks the bytes, also for copies of the descriptor in other processes.
pub(crate) fn unlock_bytes(file: &File) -> io::Result<()> {
    if !FITS {
        return Ok(());
    }
    let lock = range(libc::F_UNLCK);
    match retry(|| fcntl(file, FcntlArg::F_OFD_SETLK(&lock))) {
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => Ok(()),
        result => Ok(result?),
    }
}

/// The lock of somebody else that keeps `file` from being locked with `mode`; `None` where there is
/// none, or the file system knows no such locks.
///
/// The kernel answers for every PID namespace, where `/proc/locks` leaves out what was locked in
/// another, or by a process that has ended since.
pub(crate) fn conflicting_bytes(file: &File, mode: Mode) -> io::Result<Option<ByteLock>> {
    if !FITS {
        return Ok(None);
    }
    let mut lock = range(kind(mode));
    match retry(|| fcntl(file, FcntlArg::F_OFD_GETLK(&mut lock))) {
        Ok(()) => {}
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP | Errno::ENOLCK) => return Ok(None),
        Err(err) => return Err(err.into()),
    }
    if i32::from(lock.l_type) == libc::F_UNLCK {
        return Ok(None);
    }
    // -1: an open-file-description lock. 0: the process is in another PID namespace.
    let pid = u32::try_from(lock.l_pid).ok().filter(|pid| *pid != 0);
    let is_own_kind = pid.is_none() && lock.l_start == 0 && lock.l_len == FIRST;
    let exclusive = i32::from(lock.l_type) == libc::F_WRLCK;
    Ok(Some(ByteLock { pid, is_own_kind, exclusive }))
}

fn kind(mode: Mode) -> i32 {
    match mode {
        Mode::Exclusive => libc::F_WRLCK,
        Mode::Shared => libc::F_RDLCK,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
fn range(kind: i32) -> libc::flock {
    libc::flock {
        l_type: kind as _,
        l_whence: libc::SEEK_SET as _,
        l_start: 0,
        l_len: FIRST,
        l_pid: 0,
    }
}
