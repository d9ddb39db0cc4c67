//! Stopping the holder of a lock.

use tenure::{Error, HolderProcess};

use crate::args::{Schedule, Step};

/// What to do about a holder that is alive, as the end of a sentence.
pub(crate) const REMEDY: &str = " (with `tenure stop`)";

/// Signals `process` and waits, step by step, until it has ended; returns whether it has.
///
/// # Errors
///
/// A signal was refused.
pub(crate) fn stop(process: &HolderProcess, schedule: &Schedule) -> Result<bool, Error> {
    for step in schedule.steps() {
        let ended = match step {
            Step::Send(signal) => !process.signal(signal.0)?,
            Step::Wait(limit) => process.wait(Some(limit))?,
        };
        if ended {
            return Ok(true);
        }
    }
    Ok(false)
}
