//! Who owns a file, and who may use it.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use crate::sys::rights::Rights;

/// fstat(2) - those of `file`.
pub(crate) fn rights(file: &File) -> io::Result<Rights> {
    let found = file.metadata()?;
    Ok(Rights { uid: found.uid(), gid: found.gid(), mode: found.mode() & 0o7777 })
}

/// mkdir(2) - makes a directory for this user alone.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}
