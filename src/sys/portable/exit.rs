//! The end of a process, where nothing tells.

use std::io;

use crate::sys::OwnedFd;

/// Nothing tells of it here.
pub(crate) fn exit_event(_pid: u32) -> Option<OwnedFd> {
    None
}

/// Nothing tells of it here.
pub(crate) fn is_ending(_pid: u32) -> bool {
    false
}

/// Of what [`exit_event`] returned.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn has_exited(_event: &OwnedFd) -> io::Result<bool> {
    Ok(true)
}
