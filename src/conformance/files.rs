//! Files that checks open themselves.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens the file at `path` for a lock, and makes it if there is none.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}
