//! Whether a file lies where this kernel alone reaches it.

use std::fs::File;
use std::io;

use super::file_system::FileSystem;
use super::platform::file_system;

/// Whether only this kernel reaches the file system of `file`; `None` where the platform does not say.
pub(crate) fn is_local(file: &File) -> io::Result<Option<bool>> {
    Ok(file_system(file)?.local)
}

/// Whether the file system of `file` is known to be local.
pub(crate) fn is_surely_local(file: &File) -> bool {
    file_system(file).is_ok_and(FileSystem::is_local)
}
