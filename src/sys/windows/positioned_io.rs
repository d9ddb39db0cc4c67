//! Reading and writing at an offset. (The file's own offset moves, which nothing here uses.)

use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;

/// Reads what `bytes` have room for, or less.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(bytes, offset)
}

/// Writes `bytes`, or the first of them.
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.seek_write(bytes, offset)
}
