//! What kind of file system a lockfile lies on, as far as the crate asks.

/// The kind of a file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileSystem {
    /// Its number, where kinds have numbers (Linux: `f_type` of statfs(2)).
    pub(crate) kind: Option<u64>,
    /// Whether only this kernel reaches its files and keeps their locks; `None` where the platform
    /// does not say.
    pub(crate) local: Option<bool>,
    /// Whether a removed name is gone for everyone at once. Elsewhere a client may answer from a
    /// cache, and find the removed file under its name for a while.
    pub(crate) one_view: bool,
    /// Whether a client may answer from a cache how long a file is, and what it says.
    pub(crate) caches_content: bool,
    /// Whether asking for a byte-range lock takes that lock for an instant.
    pub(crate) asks_by_locking: bool,
}

impl FileSystem {
    /// Whether it is known to be local.
    pub(crate) fn is_local(self) -> bool {
        self.local == Some(true)
    }
}
