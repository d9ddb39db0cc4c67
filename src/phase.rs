//! [`Phase`]: how far a holder has come with what it holds the lock for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a holder has come, by its own word: [`Lockfile::set_phase`](crate::Lockfile::set_phase)
/// says so, [`Holder::phase`](crate::Holder::phase) reads it. It informs, and decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Phase {
    /// It holds the lock, and does not serve yet.
    Starting,
    /// It serves.
    Ready,
    /// It serves no more, and will let go of the lock.
    Stopping,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
        })
    }
}
