//! An end for what would never end.

use std::process::{self, ExitStatus};
use std::time::Duration;

/// What a process exits with that was ended so: the number of a timeout, `WAIT_TIMEOUT`.
const LATE: i32 = 258;

/// Ends this process in `seconds`.
#[expect(clippy::disallowed_methods, reason = "it is what waits for the time")]
pub(crate) fn end_in(seconds: u32) {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(seconds.into()));
        process::exit(LATE);
    });
}

/// Whether the process was ended by that.
pub(crate) fn is_late(status: ExitStatus) -> bool {
    status.code() == Some(LATE)
}
