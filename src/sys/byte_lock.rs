//! What a lock on bytes of a file tells of its owner.

/// A lock on bytes of a file, by fcntl(2) or lockf(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteLock {
    /// The process that took it; `None` for an open-file-description lock, and for a process of
    /// another PID namespace.
    pub(crate) pid: Option<u32>,
    /// Whether it covers just what a holder of this crate locks.
    pub(crate) is_own_kind: bool,
    /// Whether it lets nobody else lock those bytes.
    pub(crate) exclusive: bool,
}
