//! Stopping the holder of a lock.

use tenure::{Error, Holder, HolderProcess, Lockfile};

use crate::args::{Schedule, Step};

/// What there is to say of `stop` after a sentence about the holder of `lock`, which is alive: nothing
/// where `stop` would refuse.
pub(crate) fn remedy(lock: &Lockfile, holder: &Holder) -> &'static str {
    match lock.holder_process() {
        // Of these the sentence does not say that they can be stopped, because nothing but a lock
        // proves who they are.
        Ok(Some(_)) if holder.record().is_legacy() => {
            "; it has the lock, and `tenure stop` stops it"
        }
        Ok(Some(_)) => " (with `tenure stop`)",
        _ => "",
    }
}

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
