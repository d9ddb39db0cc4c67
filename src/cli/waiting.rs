//! While the lock is waited for: whom for, told on standard error.

mod screen;
mod signals;
mod spinner;
mod whom;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tenure::Holder;

use crate::failure::say;
use crate::waiting::screen::Screen;
use crate::waiting::spinner::Spinner;
use crate::waiting::whom::Whom;

/// One wait, for the lockfile at a path.
///
/// Where standard error is a terminal that is ours, a line there is kept up to date, and is gone
/// after [`end`](Self::end). Elsewhere there is a line for each holder, which stays.
pub(crate) struct Waiting {
    path: PathBuf,
    nobody: &'static str,
    spinner: Arc<Mutex<Option<Spinner>>>,
}

impl Waiting {
    /// Nothing is told yet.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        let nobody = "a process that has written no record, at least not yet";
        Self { path: path.into(), nobody, spinner: Arc::default() }
    }

    /// One for a holder that is ready, and yet to come.
    pub(crate) fn for_a_holder(path: impl Into<PathBuf>) -> Self {
        Self { nobody: "nobody yet", ..Self::new(path) }
    }

    /// What is to be called with each holder, and with the time waited so far, by the thread that
    /// will call [`end`](Self::end).
    pub(crate) fn listener(&self) -> impl Fn(Option<&Holder>, Duration) + Send + Sync + 'static {
        let (path, nobody, spinner) = (self.path.clone(), self.nobody, Arc::clone(&self.spinner));
        move |holder, waited| {
            let whom = Whom::new(holder, nobody);
            let line = format!("waiting for {}: it is locked by {whom}", path.display());
            // Also in the background, where it does not draw: it may be brought to the front.
            let shown = Screen::can_draw() && show(&spinner, &path, whom, waited);
            if !shown || !Screen::is_ours() {
                say(line);
            }
        }
    }

    /// The wait is over, with or without the lock. The terminal is as it was.
    pub(crate) fn end(self) {
        if let Some(spinner) = lock(&self.spinner).take() {
            spinner.end();
        }
    }
}

/// Shows `whom`; `false` if that cannot be done, for want of threads.
fn show(spinner: &Mutex<Option<Spinner>>, path: &Path, whom: Whom, waited: Duration) -> bool {
    let mut spinner = lock(spinner);
    match &*spinner {
        Some(spinner) => spinner.show(whom),
        None => *spinner = Spinner::start(path, whom, waited).ok(),
    }
    spinner.is_some()
}

fn lock(spinner: &Mutex<Option<Spinner>>) -> MutexGuard<'_, Option<Spinner>> {
    spinner.lock().unwrap_or_else(PoisonError::into_inner)
}
