//! What wakes a thread that polls.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Readable from the first ring until it is answered. One thread answers, any may ring.
#[derive(Debug)]
pub(crate) struct Bell {
    heard: UnixStream,
    rope: UnixStream,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        let (heard, rope) = UnixStream::pair()?;
        heard.set_nonblocking(true)?;
        rope.set_nonblocking(true)?;
        Ok(Self { heard, rope })
    }

    pub(crate) fn ring(&self) {
        // It fails when it has been rung so often that there is no room for another ring: it is
        // heard anyway.
        let _ = (&self.rope).write(&[0]);
    }

    /// Takes every ring so far.
    pub(crate) fn answer(&self) {
        let mut rings = [0; 64];
        while matches!((&self.heard).read(&mut rings), Ok(count) if count > 0) {}
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.heard.as_fd()
    }
}
