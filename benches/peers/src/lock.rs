//! What all peers have in common.

use std::io;
use std::time::Duration;

/// For how long to wait for a lock that somebody else has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not at all.
    Once,
    /// As long as it takes.
    Forever,
    /// At most that long.
    AtMost(Duration),
}

/// A lock at a path, as one of the peers implements it.
pub(crate) trait Lock {
    /// Acquires, calls `inside`, and releases; `false` if the lock could not be had with that
    /// patience, and then `inside` was not called.
    ///
    /// One method, because some peers have guards that borrow and others have values that are
    /// locked: a section is what all of them can do.
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool>;
}

/// Of a peer that was asked for a patience that [`Peer::waits`](crate::peer::Peer::waits) denies.
pub(crate) fn impatient() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "this peer cannot wait like that")
}
