//! What the kernels of macOS and FreeBSD say of a process.

/// A process, as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Description {
    /// In microseconds; since when, is the kernel's affair.
    pub(super) start: Option<u64>,
    /// It has exited, and waits to be reaped.
    pub(super) is_zombie: bool,
    /// The real user, and the saved one; `None` if this process may not know.
    pub(super) users: Option<[u32; 2]>,
}
