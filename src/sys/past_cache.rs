//! `O_DIRECT` of open(2) - reading past what the kernel remembers of a file.

use std::fs::File;
use std::io;

use super::read_from_start;

/// Reads from the beginning until `bytes` are full, or the file ends, and asks whoever has the file: the
/// server of a FUSE or network file system.
///
/// The kernel remembers the pages of a file by its number there. On FUSE, a file that has taken the place
/// of another can have the number of that one. So a descriptor of the old file, which another process
/// reads, gives its bytes to a descriptor of the new one as well (Linux 6.18, bindfs 1.14.7).
///
/// Where the file system does not read in this way, this is an ordinary read.
pub(crate) fn read_past_cache(file: &File, bytes: &mut [u8]) -> io::Result<usize> {
    match platform::with_direct(file, || read_from_start(file, bytes)) {
        Some(Ok(length)) => Ok(length),
        // EINVAL: it wants other lengths or addresses, as disks do.
        Some(Err(_)) | None => read_from_start(file, bytes),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod platform {
    use std::fs::File;

    use nix::fcntl::{FcntlArg, OFlag, fcntl};

    /// Runs `read` while `file` is in that mode; `None` if it cannot be.
    pub(super) fn with_direct<T>(file: &File, read: impl FnOnce() -> T) -> Option<T> {
        let flags = OFlag::from_bits_retain(fcntl(file, FcntlArg::F_GETFL).ok()?);
        fcntl(file, FcntlArg::F_SETFL(flags | OFlag::O_DIRECT)).ok()?;
        let result = read();
        // It was allowed a moment ago. If not, later reads are slower.
        let _ = fcntl(file, FcntlArg::F_SETFL(flags));
        Some(result)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod platform {
    use std::fs::File;

    /// There is no such mode, or it is not needed.
    pub(super) fn with_direct<T>(_file: &File, _read: impl FnOnce() -> T) -> Option<T> {
        None
    }
}
