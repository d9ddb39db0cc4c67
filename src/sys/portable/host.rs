//! What tells this kernel from others, where nothing does.

use std::fs::File;
use std::io;

/// Not known here.
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Not known here.
pub(crate) fn machine_id() -> Option<String> {
    None
}

/// There are none here.
pub(crate) fn pid_namespace() -> Option<u64> {
    None
}

/// There are none here.
pub(crate) fn time_namespace() -> Option<u64> {
    None
}

/// Not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn is_local(_file: &File) -> io::Result<Option<bool>> {
    Ok(None)
}
