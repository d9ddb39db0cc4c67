//! Descriptors that go on in another program, where none does.

use std::fs::File;
use std::io;
use std::process::Command;

use crate::sys::{FileId, OwnedFd};

/// None is inherited here.
pub(crate) fn pass_on(_command: &mut Command, _file: &File) -> io::Result<i32> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A program is not replaced by another here.
pub(crate) fn inheritable(_file: &File) -> io::Result<(OwnedFd, i32)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// None was inherited here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn inherited(_number: i32, _id: FileId) -> io::Result<Option<File>> {
    Ok(None)
}
