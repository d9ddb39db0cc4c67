//! What a refusal of the calls that open, link and read a file means.

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_FUNCTION, ERROR_INVALID_HANDLE, ERROR_NOT_SUPPORTED, ERROR_STOPPED_ON_SYMLINK,
    ERROR_TOO_MANY_LINKS,
};

use super::error::is;

/// Whether a link was refused because the file system makes none, or no more.
pub(crate) fn is_linkless(err: &io::Error) -> bool {
    [ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_TOO_MANY_LINKS]
        .iter()
        .any(|number| is(err, *number))
}

/// Whether an open was refused because the path names a symbolic link.
pub(crate) fn is_symlink_refusal(err: &io::Error) -> bool {
    is(err, ERROR_STOPPED_ON_SYMLINK)
}

/// Whether a call failed because the file is removed.
pub(crate) fn is_gone(err: &io::Error) -> bool {
    err.kind() == io::ErrorKind::NotFound
}

/// Whether a call failed because there is no such handle.
pub(crate) fn is_closed(err: &io::Error) -> bool {
    is(err, ERROR_INVALID_HANDLE)
}
