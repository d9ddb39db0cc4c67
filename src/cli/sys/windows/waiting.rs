//! While the lock is waited for: whom for, told on standard error in a line for each holder.

use std::path::PathBuf;
use std::time::Duration;

use tenure::Holder;

use crate::failure::say;
use crate::printable;

/// One wait, for the lockfile at a path.
pub(crate) struct Waiting {
    path: PathBuf,
}

impl Waiting {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What is to be called with each holder, and with the time waited so far.
    pub(crate) fn listener(&self) -> impl Fn(Option<&Holder>, Duration) + Send + Sync + 'static {
        let path = printable::path(&self.path);
        move |holder, _waited| match holder {
            Some(holder) => say(format_args!("waiting for {path}: it is locked by {holder}")),
            None => say(format_args!("waiting for {path}: it is locked")),
        }
    }

    #[expect(clippy::unused_self, reason = "elsewhere there is a line on the screen to end")]
    pub(crate) fn end(self) {}
}
