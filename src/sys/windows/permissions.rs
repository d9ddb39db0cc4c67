//! Who owns a file, and who may use it: access control lists say so, and these are left to Windows.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::sys::rights::Rights;

/// There are no such rights here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn rights(_file: &File) -> io::Result<Rights> {
    Ok(Rights::default())
}

/// Makes a directory, with the rights that the one it is in passes on: in a user's profile, that
/// user's alone.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}
