//! A lockfile and its state, in one line.

use tenure::{State, Status};

use crate::kernel_holders::{self, Owners};
use crate::{printable, style};

/// What the state is, in one line: who has the lock, if that is another than the lockfile names.
pub(crate) fn sentence(status: &Status, owners: &Owners) -> String {
    match status.holder().filter(|_| owners.are_others()) {
        Some(holder) if status.state() == State::Held => {
            format!("held by {}; {}", owners.names(), kernel_holders::named_instead(holder))
        }
        _ => status.to_string(),
    }
}

/// The path, and that sentence.
pub(crate) fn detailed(status: &Status, owners: &Owners) -> String {
    head(status, &sentence(status, owners))
}

/// The path and the state, in one line.
pub(crate) fn headline(status: &Status) -> String {
    head(status, &status.to_string())
}

/// The state is what the `sentence` begins with.
fn head(status: &Status, sentence: &str) -> String {
    let path = printable::path(status.path());
    let (state, rest) = sentence.split_at(status.state().to_string().len());
    format!("{path}: {}{rest}", style::paint(style::of(status.state()), state))
}
