//! What wakes a thread that polls.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};

use super::one_shot_event::Signal;

/// Signalled from the first ring until it is answered. One thread answers, any may ring.
#[derive(Debug)]
pub(crate) struct Bell(Signal);

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        Signal::new().map(Self)
    }

    pub(crate) fn ring(&self) {
        self.0.give();
    }

    /// Takes every ring so far.
    pub(crate) fn answer(&self) {
        self.0.take_back();
    }
}

impl AsHandle for Bell {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}
