//! What happens to lockfiles, told to `tracing` (feature of that name). Without it, all of this
//! compiles to nothing.
//!
//! The target of every event is `tenure`. What comes from a lockfile is escaped, and so is the path.

use std::path::Path;

use crate::error::{Error, Result};
use crate::holder::Holder;
use crate::loss::Loss;

/// `tell!(LEVEL, path, holder, "what happened", field = value, …)`: an event, about a lockfile and
/// perhaps a holder.
#[cfg(feature = "tracing")]
macro_rules! tell {
    ($level:ident, $path:expr, $holder:expr, $what:literal $(, $field:ident = $value:expr)*) => {{
        let holder: Option<&Holder> = $holder;
        tracing::event!(
            target: "tenure",
            tracing::Level::$level,
            path = ?$path,
            holder = holder.map(tracing::field::display),
            $($field = %$value,)*
            $what
        );
    }};
}

#[cfg(not(feature = "tracing"))]
macro_rules! tell {
    ($level:ident, $path:expr, $holder:expr, $what:literal $(, $field:ident = $value:expr)*) => {{
        let holder: Option<&Holder> = $holder;
        let _ = ($path, holder $(, &$value)*);
    }};
}

/// Whether anybody wants to know of waits, and whom they are for.
pub(crate) fn wants_waits() -> bool {
    #[cfg(feature = "tracing")]
    return tracing::enabled!(target: "tenure", tracing::Level::INFO);
    #[cfg(not(feature = "tracing"))]
    return false;
}

/// Acquired; `before`: from whom, if that one did not release it, and whether there was such a one.
pub(crate) fn acquired(path: &Path, before: Option<&Holder>, was_abandoned: bool) {
    match before {
        Some(dead) => {
            tell!(WARN, path, before, "recovered the lock", verdict = dead.verdict());
        }
        None if was_abandoned => tell!(WARN, path, None, "recovered the lock, from a torn record"),
        None => {}
    }
    tell!(DEBUG, path, None, "acquired the lock");
}

/// Not acquired.
pub(crate) fn busy(path: &Path, holder: Option<&Holder>) {
    tell!(DEBUG, path, holder, "the lock is busy");
}

/// About to wait.
pub(crate) fn waits(path: &Path, holder: Option<&Holder>) {
    tell!(INFO, path, holder, "waiting for the lock");
}

/// Released, or not.
pub(crate) fn released(path: &Path, result: &Result<()>) {
    match result {
        Ok(()) => tell!(DEBUG, path, None, "released the lock"),
        Err(Error::RogueDeletion { replaced: true, .. }) => lost(path, Loss::Replaced),
        Err(Error::RogueDeletion { .. }) => lost(path, Loss::Removed),
        Err(err) => tell!(ERROR, path, None, "could not release the lock", error = err),
    }
}

/// Somebody else meddled with the lockfile while it was held.
pub(crate) fn lost(path: &Path, loss: Loss) {
    tell!(ERROR, path, None, "somebody meddled with the lockfile while it was held", loss = loss);
}

/// Put back after it was removed.
pub(crate) fn restored(path: &Path) {
    tell!(WARN, path, None, "put the lockfile back, which somebody had removed while it was held");
}
