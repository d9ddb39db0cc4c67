//! Marks on a lockfile, where there are none.

use std::fs::File;
use std::io;

use crate::sys::mark::Mark;

/// There are no marks here.
pub(crate) const TELLS_READERS: bool = false;

/// There are no marks here.
pub(crate) fn has_mark(_mark: Mark) -> bool {
    false
}

/// There are no marks here.
pub(crate) fn mark(_file: &File, _mark: Mark) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no marks here.
pub(crate) fn wait_to_mark(_file: &File, _mark: Mark) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no marks here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn unmark(_file: &File, _mark: Mark) -> io::Result<()> {
    Ok(())
}

/// There are no marks here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn is_marked(_file: &File, _mark: Mark) -> io::Result<bool> {
    Ok(false)
}
