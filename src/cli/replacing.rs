//! Acquiring a lock whose holder is stopped for that.

use std::ffi::OsString;
use std::time::Duration;

use tenure::{Error, Lockfile};

use crate::acquiring::{acquire_by, not_had, try_or_wait};
use crate::args::{Acquisition, GRACE, Limit, Schedule};
use crate::failure::{Failure, say};
use crate::stopping;

/// As [`acquire`](crate::acquiring::acquire), but stops the holder, if there is one, and takes its place.
/// `grace`: for how long the holder may take to end by itself.
pub(crate) fn replace(
    args: &Acquisition,
    keep_file: bool,
    command: &[OsString],
    grace: Duration,
) -> Result<Option<Lockfile>, Failure> {
    acquire_by(args, keep_file, command, |lock| replace_holder(lock, grace, args))
}

fn replace_holder(lock: &mut Lockfile, grace: Duration, args: &Acquisition) -> Result<(), Failure> {
    let locking = |err: Error| not_had(&err, args);
    match lock.try_lock() {
        Err(err) if err.is_busy() => {}
        result => return result.map_err(locking),
    }
    let signalling = |err: Error| Failure::signalling(&err);
    if let Some(process) = lock.holder_process().map_err(signalling)? {
        say(format_args!("stopping {}, to take its place", process.holder()));
        // Whether it has ended, the lock will tell.
        stopping::stop(&process, &Schedule::after(grace)).map_err(signalling)?;
    }
    // Those whom it started may take a moment longer, however short the grace was: a guard keeps the
    // lock until the command has ended. And another contender may come first.
    let wait = args.wait().unwrap_or(Limit::AtMost(grace.max(GRACE)));
    try_or_wait(lock, Some(wait)).map_err(locking)
}
