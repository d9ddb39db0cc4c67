//! The order of those who wait, where there is none.

use crate::sys::{BorrowedFd, OwnedFd};

/// Whoever waits looks for itself.
#[derive(Debug)]
pub(crate) struct Turnstile;

impl Turnstile {
    pub(crate) fn enter(_name: &str) -> Self {
        Self
    }

    pub(crate) fn pass_by() -> Self {
        Self
    }

    pub(crate) fn is_behind(&self) -> bool {
        false
    }

    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    pub(crate) fn advance(&mut self) -> Advance {
        Advance::None
    }

    pub(crate) fn leave(self, luggage: Option<OwnedFd>) -> Option<OwnedFd> {
        luggage
    }
}

/// Nothing changes.
#[derive(Debug)]
#[expect(dead_code, reason = "other platforms have more")]
pub(crate) enum Advance {
    None,
    First { luggage: Option<OwnedFd> },
    Anew,
}
