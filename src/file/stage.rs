//! How a release goes.

use std::io;

/// How far the release has come; what is done is not done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Stage {
    Held,
    /// The file is removed or marked as released, and still locked.
    Vacated,
    Released,
}

/// What a vacated lockfile leaves at the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Left {
    Nothing,
    /// The name, and so whoever comes meets our lock.
    Name,
}

/// The directory does not let this process remove the file, or the file is a mount point.
pub(in crate::file) fn is_forbidden(err: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(err.kind(), PermissionDenied | ReadOnlyFilesystem | ResourceBusy)
}
