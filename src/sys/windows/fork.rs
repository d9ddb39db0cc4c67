//! Copies of a process, of which there are none.

use std::io;

/// There is no such thing.
pub(crate) const CAN_FORK: bool = false;

#[derive(Debug)]
#[expect(dead_code, reason = "other platforms have it")]
pub(crate) enum Side {
    Parent(Forked),
    Child,
}

#[derive(Debug)]
pub(crate) enum Forked {}

pub(crate) fn fork(_seconds: u32) -> io::Result<Side> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn end_child(work: impl FnOnce()) -> ! {
    work();
    std::process::exit(0)
}

impl Forked {
    pub(crate) fn wait(self) -> io::Result<bool> {
        match self {}
    }
}
