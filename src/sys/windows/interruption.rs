//! Signals that interrupt, of which there are none.

use std::io;

/// There is no such thing.
pub(crate) const CAN_INTERRUPT: bool = false;

pub(crate) fn refuse_interruption() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn admit_interruption() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn interrupt(_pid: u32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn interruptions() -> usize {
    0
}
