//! Locks on bytes, where this crate neither takes them nor asks for them.

use std::fs::File;
use std::io;

use crate::sys::byte_lock::ByteLock;
use crate::sys::lock_mode::Mode;

/// Nothing is locked here, and nothing is in the way.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn lock_bytes(_file: &File, _mode: Mode) -> io::Result<bool> {
    Ok(true)
}

/// There is nothing to wait for.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn wait_for_bytes(_file: &File, _mode: Mode) -> io::Result<()> {
    Ok(())
}

/// Nothing was locked.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn unlock_bytes(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn conflicting_bytes(_file: &File, _mode: Mode) -> io::Result<Option<ByteLock>> {
    Ok(None)
}
