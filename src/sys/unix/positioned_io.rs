//! pread(2), pwrite(2) - reading and writing at an offset, wherever the file's own stands.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Reads what `bytes` have room for, or less.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(bytes, offset)
}

/// Writes `bytes`, or the first of them.
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.write_at(bytes, offset)
}
