//! What a backend can do whose lock goes with the descriptor.

use std::fs::File;
use std::io;
use std::path::Path;

/// A lock that belongs to the open file description of the lockfile: whoever has a copy of the
/// descriptor can go on holding it, in whatever process.
///
/// Obligation, besides those of [`Backend`](super::Backend): the lock is free when the last copy is
/// closed, and not before, unless it is released.
pub trait Passing {
    /// Whether `file` has the lock, which another process took by a copy of this very descriptor;
    /// if so, from here on this process is the one to [`release`](super::Backend::release) it.
    ///
    /// # Errors
    ///
    /// That could not be told. The lock is where it was, as it is after `false`.
    fn adopt(&self, file: &File, path: &Path) -> io::Result<bool>;
}
