//! What a lockfile says, for backends that have to know.

use std::fs::File;
use std::io;

use crate::record::{Content, READ_LIMIT};
use crate::sys;

/// Reads `file`. Of one that is longer than any record, enough to see that.
pub(super) fn content(file: &File) -> io::Result<Content> {
    let mut bytes = [0; READ_LIMIT + 1];
    let length = sys::read_from_start(file, &mut bytes)?;
    Ok(Content::parse(&bytes[..length]))
}
