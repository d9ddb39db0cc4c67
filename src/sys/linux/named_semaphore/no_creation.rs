//! Where a new semaphore is left to the C library.

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The file in which the C library keeps the semaphore `name`.
pub(crate) fn place(name: &CStr) -> PathBuf {
    let name = name.to_bytes().strip_prefix(b"/").unwrap_or(name.to_bytes());
    Path::new("/dev/shm").join(OsStr::from_bytes(name))
}

/// Makes none.
pub(super) fn make(_name: &CStr, _mode: u32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
