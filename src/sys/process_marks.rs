//! What tells a process from a later one of the same PID.

/// What a process has that a later process of the same PID has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// When it started. The unit is the platform's: clock ticks after boot on Linux, microseconds on
    /// macOS and FreeBSD, 100 ns on Windows, seconds elsewhere.
    pub(crate) start_ticks: Option<u64>,
    /// The inode of its pidfd.
    pub(crate) pidfd_inode: Option<u64>,
}
