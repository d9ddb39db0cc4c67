//! flock(2) - the lock that belongs to an open file description, and dies with its last descriptor.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::libc;

use crate::sys::lock_mode::Mode;

/// What backends call the lock.
pub(crate) const LOCK_NAME: &str = "flock";
/// Whether whoever has a copy of the descriptor has the lock, in whatever process.
pub(crate) const CAN_PASS: bool = true;

/// Locks `file` if that takes no waiting; returns whether it is locked now. A lock that `file`
/// already has is converted, and is lost when that fails.
pub(crate) fn try_lock(file: &File, mode: Mode) -> io::Result<bool> {
    match flock(file, operation(mode) | libc::LOCK_NB) {
        Ok(()) => Ok(true),
        // The latter over SMB, whose server says `LOCK_VIOLATION`. On a descriptor of our own, flock(2)
        // can lack no right.
        Err(Errno::EWOULDBLOCK | Errno::EACCES) => Ok(false),
        Err(err) => Err(explain(err)),
    }
}

/// Locks `file`, waiting in the kernel's queue for as long as it takes; whether it is locked now, for
/// there are file systems that do not wait (SMB). A signal handler may run meanwhile; the waiting goes
/// on.
pub(crate) fn block(file: &File, mode: Mode) -> io::Result<bool> {
    match flock(file, operation(mode)) {
        Ok(()) => Ok(true),
        Err(Errno::EWOULDBLOCK | Errno::EACCES) => Ok(false),
        Err(err) => Err(explain(err)),
    }
}

/// Lets go of the lock on the open file description of `file`, and so for every copy of the
/// descriptor, in whatever process.
pub(crate) fn release(file: &File) -> io::Result<()> {
    flock(file, libc::LOCK_UN).map_err(explain)
}

fn operation(mode: Mode) -> i32 {
    match mode {
        Mode::Exclusive => libc::LOCK_EX,
        Mode::Shared => libc::LOCK_SH,
    }
}

/// A file system without locks answers ENOLCK (NFS without a lock service), ENOSYS, EOPNOTSUPP or, on
/// macOS, where that is another number, ENOTSUP. (std knows ENOSYS, and newer ones more.)
fn explain(err: Errno) -> io::Error {
    let unsupported = [Errno::ENOLCK, Errno::ENOSYS, Errno::EOPNOTSUPP, Errno::ENOTSUP];
    if unsupported.contains(&err) {
        return io::Error::new(io::ErrorKind::Unsupported, err);
    }
    err.into()
}

/// Whether it is ENOLCK, which is also said where there are locks, but not enough just now: by the
/// kernel (flock(2)), and by a server of NFS (`NLM_LCK_DENIED_NOLOCKS`).
pub(crate) fn is_shortage(err: &io::Error) -> bool {
    let inner = err.get_ref().and_then(|inner| inner.downcast_ref());
    inner == Some(&Errno::ENOLCK)
}

#[expect(unsafe_code, reason = "nix's safe wrapper unlocks when a forked child drops it")]
fn flock(file: &File, operation: i32) -> Result<(), Errno> {
    loop {
        // SAFETY: flock takes a descriptor and a flag and touches no memory of ours; `file` keeps
        // the descriptor open for the length of the call.
        let result = Errno::result(unsafe { libc::flock(file.as_raw_fd(), operation) });
        // Without waiting, too, a network file system can be interrupted.
        if result != Err(Errno::EINTR) {
            return result.map(drop);
        }
    }
}
