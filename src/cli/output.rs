//! Standard output.

use std::io::{ErrorKind, Write};

use crate::failure::Failure;

/// Writes `text` to it. Whoever has read enough (`head`) closes it, and nobody is told more: that is
/// no failure.
pub(crate) fn tell(mut stdout: impl Write, text: &str) -> Result<(), Failure> {
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(err) if err.kind() != ErrorKind::BrokenPipe => Err(Failure::telling(&err)),
        _ => Ok(()),
    }
}
