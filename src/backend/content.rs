//! What a lockfile says, for backends that have to know.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::record::{Content, READ_LIMIT};

/// Reads `file`. Of one that is longer than any record, enough to see that.
pub(super) fn content(file: &File) -> io::Result<Content> {
    let mut bytes = [0; READ_LIMIT + 1];
    let mut length = 0;
    while length < bytes.len() {
        match file.read_at(&mut bytes[length..], length as u64) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(Content::parse(&bytes[..length]))
}
