//! The wall clock, which informs and never decides.

use std::time::{Duration, SystemTime};

/// The time of day, to the millisecond: what a record can say.
#[expect(clippy::disallowed_methods, reason = "the one place: for records and messages, to inform")]
pub(crate) fn wall_clock() -> SystemTime {
    // A clock that was never set may say a time before 1970, which no record can.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let fraction = Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000));
    SystemTime::UNIX_EPOCH + since - fraction
}
