//! What tells this kernel from others, where nothing does.

use std::io;

/// Not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn boot_id() -> io::Result<Option<String>> {
    Ok(None)
}

/// Not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn machine_id() -> io::Result<Option<String>> {
    Ok(None)
}
