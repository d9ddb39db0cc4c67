//! Which processes have a lock on a file, where nothing says so.

use std::io;

use crate::sys::FileId;
use crate::sys::lock_holder::LockHolder;

/// Not known here.
pub(crate) fn lock_holders(_id: FileId) -> Vec<LockHolder> {
    Vec::new()
}

/// Not known here.
pub(crate) fn lock_holder(_pid: u32, _id: FileId) -> io::Result<Option<LockHolder>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Not known here.
pub(crate) fn has_posix_lock(_id: FileId) -> bool {
    false
}
