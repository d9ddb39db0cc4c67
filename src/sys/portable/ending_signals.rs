//! The signals that end a process, where there are none.

use std::io;

/// There are none here.
pub(crate) fn before_ending_signals(_act: fn()) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
