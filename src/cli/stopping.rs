//! Stopping the holder of a lock.

use tenure::{Error, HolderProcess};

use crate::args::{Schedule, Step};

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
