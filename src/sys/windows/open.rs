//! Opening files, without following, waiting for or acting on what is not a file.

use std::fs::File;
use std::io;
use std::path::Path;

use windows_sys::Win32::Foundation::ERROR_STOPPED_ON_SYMLINK;

use super::create_file;
use super::file_stat::{is_on_disk, link_kind};

/// Creates `path`, which must not exist, to read and write. Its rights are those that its directory
/// passes on.
pub(crate) fn create_new(path: &Path, _mode: u32) -> io::Result<File> {
    let file =
        create_file::create(create_file::options().read(true).write(true).create_new(true), path)?;
    if is_on_disk(&file) {
        return Ok(file);
    }
    // In every directory there are names of devices, such as NUL and COM1.
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Opens the existing `path` to read and write.
pub(crate) fn open_to_write(path: &Path) -> io::Result<File> {
    refuse_link(create_file::open(create_file::options().read(true).write(true), path)?)
}

/// Opens the existing `path` to read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    refuse_link(create_file::open(create_file::options().read(true), path)?)
}

/// What was opened is the link itself.
fn refuse_link(file: File) -> io::Result<File> {
    match link_kind(&file)? {
        None => Ok(file),
        Some(_) => {
            Err(io::Error::from_raw_os_error(ERROR_STOPPED_ON_SYMLINK.try_into().unwrap_or(-1)))
        }
    }
}
