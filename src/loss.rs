//! [`Loss`]: how a lock is lost while it is held.

use std::fmt;

use serde::Serialize;

/// What somebody did to a lockfile while it was held. [`Lockfile::on_lost`](crate::Lockfile::on_lost)
/// tells of it when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Loss {
    /// It was removed or moved away: the next contender is admitted.
    Removed,
    /// Something else is at its path: another process may have been admitted.
    Replaced,
    /// It is there, and somebody has written into it, who does not care for locks: whoever reads it
    /// is told of another holder, or of none.
    Overwritten,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Overwritten => "overwritten",
        })
    }
}
