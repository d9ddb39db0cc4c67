//! Which process this is. Windows copies none.

use std::process;

/// A number that this process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u32);

impl Generation {
    /// That of no process: the PID of what idles.
    pub(crate) const NONE: Self = Self(0);

    /// That of this process.
    pub(crate) fn current() -> Self {
        Self(process::id())
    }
}
