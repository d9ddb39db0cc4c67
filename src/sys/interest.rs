//! What is to be told of a file or a directory that is watched.

/// What is to be told of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// That the file is removed or moved, and that somebody closes it, which includes the caller.
    Closing,
    /// That the file is removed or moved, and that somebody writes to it.
    Writing,
    /// That the directory itself is moved or removed.
    Place,
}
