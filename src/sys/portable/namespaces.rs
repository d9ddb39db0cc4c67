//! Namespaces, where there are none.

use std::io;

/// There are none here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn pid_namespace() -> io::Result<Option<u64>> {
    Ok(None)
}

/// There are none here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn time_namespace() -> io::Result<Option<u64>> {
    Ok(None)
}

/// Every user has a number of its own here.
pub(crate) fn may_be_unmapped(_uid: u32) -> bool {
    false
}
