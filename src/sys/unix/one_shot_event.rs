//! socketpair(2) - what all who wait can be woken by, once and for ever.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Readable for ever, and for all who wait, once it was given.
#[derive(Debug)]
pub(crate) struct Signal {
    end: UnixStream,
    other_end: UnixStream,
}

impl Signal {
    pub(crate) fn new() -> io::Result<Self> {
        let (end, other_end) = UnixStream::pair()?;
        Ok(Self { end, other_end })
    }

    pub(crate) fn give(&self) {
        // It fails only if it was shut down already.
        let _ = self.other_end.shutdown(Shutdown::Both);
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }
}
