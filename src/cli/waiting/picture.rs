//! A picture of the wait, on standard error where that is a terminal.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::waiting::screen::Screen;
use crate::waiting::spinner::Spinner;
use crate::waiting::whom::Whom;

/// One that is kept up to date, from the first holder on.
#[derive(Default)]
pub(super) struct Picture(Mutex<Option<Spinner>>);

impl Picture {
    /// Draws `whom`; `false` if nobody sees that.
    pub(super) fn shows(&self, path: &Path, whom: Whom, waited: Duration) -> bool {
        // Also in the background, where it does not draw: it may be brought to the front.
        Screen::can_draw() && self.draw(path, whom, waited) && Screen::is_ours()
    }

    /// `false` if that cannot be done, for want of threads.
    fn draw(&self, path: &Path, whom: Whom, waited: Duration) -> bool {
        let mut spinner = self.spinner();
        match &*spinner {
            Some(spinner) => spinner.show(whom),
            None => *spinner = Spinner::start(path, whom, waited).ok(),
        }
        spinner.is_some()
    }

    /// Takes it away, from the thread that the first holder was drawn by.
    pub(super) fn end(&self) {
        if let Some(spinner) = self.spinner().take() {
            spinner.end();
        }
    }

    fn spinner(&self) -> MutexGuard<'_, Option<Spinner>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
