//! The wall clock, which informs and never decides.

use std::time::SystemTime;

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "the one place: for records and messages, to inform")]
pub(crate) fn wall_clock() -> SystemTime {
    SystemTime::now()
}
