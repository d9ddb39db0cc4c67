//! What the system calls this host.

/// Nothing.
pub(crate) fn host_name() -> Option<String> {
    None
}
