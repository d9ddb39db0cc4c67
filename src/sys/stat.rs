//! What a file is, as far as the crate asks.

use super::file_id::FileId;

/// The kinds of thing that a path can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(any(unix, windows)), expect(dead_code, reason = "other platforms look"))]
pub(crate) enum Kind {
    Regular,
    Directory,
    SymbolicLink,
    Fifo,
    Socket,
    Device,
}

/// What is at a path, or behind a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) id: FileId,
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    /// How many names it has: none, once it was removed.
    pub(crate) names: u64,
    /// The user that it belongs to; 0 where users have no numbers.
    pub(crate) owner: u32,
    /// Who may do what with it: the permission bits; 0 where there are none.
    pub(crate) mode: u32,
}
