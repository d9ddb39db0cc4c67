//! Reading and writing at an offset.

use std::fs::File;
use std::io;

use super::refuse;

pub(crate) fn read_at(_file: &File, _bytes: &mut [u8], _offset: u64) -> io::Result<usize> {
    refuse()
}

pub(crate) fn write_at(_file: &File, _bytes: &[u8], _offset: u64) -> io::Result<usize> {
    refuse()
}
