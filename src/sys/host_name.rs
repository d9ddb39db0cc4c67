//! What the system calls this host.

/// gethostname(2), or its like.
pub(crate) fn host_name() -> Option<String> {
    hostname::get().ok().map(|host| host.to_string_lossy().into_owned())
}
