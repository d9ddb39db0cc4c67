//! While the lock is waited for: whom for, told on standard error.

#[cfg(windows)]
mod no_picture;
#[cfg(unix)]
mod picture;
#[cfg(unix)]
mod screen;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod spinner;
mod whom;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tenure::Holder;

use crate::failure::say;
#[cfg(windows)]
use crate::waiting::no_picture::Picture;
#[cfg(unix)]
use crate::waiting::picture::Picture;
use crate::waiting::whom::Whom;

/// One wait, for the lockfile at a path.
///
/// Where standard error is a terminal that is ours, a line there is kept up to date, and is gone
/// after [`end`](Self::end). Elsewhere there is a line for each holder, which stays.
pub(crate) struct Waiting {
    path: PathBuf,
    nobody: &'static str,
    picture: Arc<Picture>,
}

impl Waiting {
    /// Nothing is told yet.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        let nobody = "a process that has written no record, at least not yet";
        Self { path: path.into(), nobody, picture: Arc::default() }
    }

    /// One for a holder that is ready, and yet to come.
    pub(crate) fn for_a_holder(path: impl Into<PathBuf>) -> Self {
        Self { nobody: "nobody yet", ..Self::new(path) }
    }

    /// What is to be called with each holder, and with the time waited so far, by the thread that
    /// will call [`end`](Self::end).
    pub(crate) fn listener(&self) -> impl Fn(Option<&Holder>, Duration) + Send + Sync + 'static {
        let (path, nobody, picture) = (self.path.clone(), self.nobody, Arc::clone(&self.picture));
        move |holder, waited| {
            let whom = Whom::new(holder, nobody);
            let line = format!("waiting for {}: it is locked by {whom}", path.display());
            if !picture.shows(&path, whom, waited) {
                say(line);
            }
        }
    }

    /// The wait is over, with or without the lock. The terminal is as it was.
    pub(crate) fn end(self) {
        self.picture.end();
    }
}
