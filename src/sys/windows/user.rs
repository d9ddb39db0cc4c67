//! Who this process is, and whether another is.

use sysinfo::Uid;

pub(crate) use super::process::exists;

/// Not asked for: where Windows refuses the list of users, sysinfo reads it from nowhere (0.36).
pub(crate) fn user_name(_id: &Uid) -> Option<String> {
    None
}

/// Users have no numbers here.
pub(crate) fn effective_uid() -> Option<u32> {
    None
}

/// Whoever may not open a process is told so, and not that there is none.
pub(crate) fn may_be_hidden(_uid: Option<u32>) -> bool {
    false
}
