//! What was before an acquisition.

use crate::holder::Holder;

/// What a holder finds in the lockfile that it takes.
#[derive(Debug, Default)]
pub(in crate::file) struct Before {
    /// The holder that has died.
    pub(in crate::file) left_by: Option<Box<Holder>>,
    /// Whether the last holder did not release the lock. Who died before it had written anything
    /// was not inside yet.
    pub(in crate::file) abandoned: bool,
    /// Whether the file was there without a record of this crate, and so is somebody else's.
    pub(in crate::file) found: bool,
}
