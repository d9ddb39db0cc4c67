//! Acquiring the lock that a command is to have.

use std::ffi::OsString;
use std::path::Path;

use tenure::{Lockfile, Verdict};

use crate::args::Limit;
use crate::failure::{Failure, say};
use crate::waiting::Waiting;

/// Acquires `lock`, waiting for as long as `wait` says; tells whom it waits for, and whom it has
/// recovered the lock from. `busy` is the exit status for a lock that is held.
pub(crate) fn acquire(lock: Lockfile, wait: Option<Limit>, busy: u8) -> Result<Lockfile, Failure> {
    let waiting = Waiting::new(lock.path());
    let mut lock = lock.on_wait(waiting.listener());
    let result = match wait {
        None => lock.try_lock(),
        Some(Limit::Forever) => lock.lock(),
        Some(Limit::AtMost(limit)) => lock.lock_timeout(limit),
    };
    waiting.end();
    result.map_err(|err| Failure::locking(&err, busy))?;
    report_recovery(&lock);
    Ok(lock)
}

/// What a record says of a command whose user has given no message: its name, because its arguments
/// may hold what others should not read.
pub(crate) fn name_of(command: &[OsString]) -> String {
    let name = command.first().and_then(|name| Path::new(name).file_name());
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn report_recovery(lock: &Lockfile) {
    let Some(holder) = lock.recovered_from() else { return };
    let why = match holder.verdict() {
        Verdict::Stale(why) => why.to_string(),
        verdict => verdict.to_string(),
    };
    let path = lock.path().display();
    say(format_args!("recovered {path} from {holder}; that was safe, because {why}"));
}
