//! What tells this kernel from others, where nothing does.

/// Not known here.
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Not known here.
pub(crate) fn machine_id() -> Option<String> {
    None
}
