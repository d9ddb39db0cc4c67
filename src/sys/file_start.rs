//! Reading and writing from a file's beginning, in one call where the system grants that.

use std::fs::File;
use std::io;

use super::{read_at, write_at};

/// Reads until `bytes` are full, or the file ends; how many they are.
pub(crate) fn read_from_start(file: &File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match read_at(file, &mut bytes[length..], length as u64) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(length)
}

/// Writes all of `bytes` over the beginning of the file; `written` is told how many are there each
/// time that some are.
pub(crate) fn write_over_start(
    file: &File,
    bytes: &[u8],
    mut written: impl FnMut(usize),
) -> io::Result<()> {
    let mut length = 0;
    while length < bytes.len() {
        match write_at(file, &bytes[length..], length as u64) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => length += n,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
        written(length);
    }
    Ok(())
}
