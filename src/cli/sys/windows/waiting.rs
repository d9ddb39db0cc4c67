//! While the lock is waited for: whom for, told on standard error in a line for each holder.

#[path = "../../waiting/whom.rs"]
mod whom;

use std::path::PathBuf;
use std::time::Duration;

use tenure::Holder;

use crate::failure::say;
use crate::waiting::whom::Whom;

/// One wait, for the lockfile at a path.
pub(crate) struct Waiting {
    path: PathBuf,
    nobody: &'static str,
}

impl Waiting {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        let nobody = "a process that has written no record, at least not yet";
        Self { path: path.into(), nobody }
    }

    /// One for a holder that is ready, and yet to come.
    pub(crate) fn for_a_holder(path: impl Into<PathBuf>) -> Self {
        Self { nobody: "nobody yet", ..Self::new(path) }
    }

    /// What is to be called with each holder, and with the time waited so far.
    pub(crate) fn listener(&self) -> impl Fn(Option<&Holder>, Duration) + Send + Sync + 'static {
        let (path, nobody) = (self.path.clone(), self.nobody);
        move |holder, _waited| {
            let whom = Whom::new(holder, nobody);
            say(format_args!("waiting for {}: it is locked by {whom}", path.display()));
        }
    }

    #[expect(clippy::unused_self, reason = "elsewhere there is a line on the screen to end")]
    pub(crate) fn end(self) {}
}
