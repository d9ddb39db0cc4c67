//! The service manager, told how far its service has come: `sd_notify(3)`, with the feature `systemd`.

use std::io;

use crate::phase::Phase;

/// Tells the service manager of a change, if there is one (`$NOTIFY_SOCKET`).
#[cfg(feature = "systemd")]
pub(crate) fn notify(phase: Option<Phase>, message: Option<&str>) -> io::Result<()> {
    use crate::sys::{News, tell_service_manager};

    let status = message.map(in_one_line);
    let phase = match phase {
        Some(Phase::Ready) => Some(News::Ready),
        Some(Phase::Stopping) => Some(News::Stopping),
        // It is what the service manager takes every service for that it has started.
        Some(Phase::Starting) | None => None,
    };
    let news: Vec<_> = phase.into_iter().chain(status.as_deref().map(News::Status)).collect();
    if news.is_empty() {
        return Ok(());
    }
    loop {
        match tell_service_manager(&news) {
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// There is none without the feature.
#[cfg(not(feature = "systemd"))]
#[expect(clippy::unnecessary_wraps, reason = "with the feature, it can fail")]
pub(crate) fn notify(_phase: Option<Phase>, _message: Option<&str>) -> io::Result<()> {
    Ok(())
}

/// A line is an assignment, and so a message with another line could say anything.
#[cfg(feature = "systemd")]
fn in_one_line(message: &str) -> String {
    let escaped =
        |char: char| if char.is_control() { char.escape_debug().to_string() } else { char.into() };
    message.chars().map(escaped).collect()
}
