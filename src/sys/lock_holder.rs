//! Which process has a lock.

/// A process that has a lock on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockHolder {
    pub(crate) pid: u32,
    /// The process that took the lock. This one may have inherited it.
    pub(crate) taken_by: Option<u32>,
    /// Its PID in its own PID namespace, and that namespace, where it is another than ours.
    pub(crate) inside: Option<(u32, u64)>,
}
