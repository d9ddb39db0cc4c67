//! What a service says to the service manager, where there is none that listens.

use std::io;

/// What it would be told.
#[expect(dead_code, reason = "other platforms tell it")]
pub(crate) enum News<'a> {
    Ready,
    Stopping,
    Status(&'a str),
}

/// Nobody listens here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn tell_service_manager(_news: &[News<'_>]) -> io::Result<()> {
    Ok(())
}
