//! What a refusal of the calls that open, link and read a file means.

use std::io;

use nix::libc;

/// Whether a link was refused because the file system makes none: EPERM (link(2)), or that it does
/// not know the call, or that a file has one name at most.
pub(crate) fn is_linkless(err: &io::Error) -> bool {
    // On macOS, ENOTSUP is another number.
    let numbers = [libc::EPERM, libc::EOPNOTSUPP, libc::ENOTSUP, libc::EMLINK];
    err.kind() == io::ErrorKind::Unsupported
        || err.raw_os_error().is_some_and(|number| numbers.contains(&number))
}

/// Whether a call failed because the file is removed: on FUSE and network file systems, also one on a
/// descriptor that was open before.
pub(crate) fn is_gone(err: &io::Error) -> bool {
    use io::ErrorKind::{NotFound, StaleNetworkFileHandle};
    matches!(err.kind(), NotFound | StaleNetworkFileHandle)
}

/// Whether a call failed because there is no such descriptor.
pub(crate) fn is_closed(err: &io::Error) -> bool {
    err.raw_os_error() == Some(libc::EBADF)
}

/// Whether an open was refused because the path names a symbolic link: ELOOP, or EMLINK on the BSDs.
pub(crate) fn is_symlink_refusal(err: &io::Error) -> bool {
    matches!(err.raw_os_error(), Some(libc::ELOOP | libc::EMLINK))
}
