//! Acquiring the lock that a command is to have.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use tenure::{Error, Lockfile, Verdict, Why};

use crate::args::{Acquisition, GRACE, Limit, Schedule};
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::stopping;
use crate::waiting::Waiting;

/// Acquires the lock for `command`; `None` if somebody holds it, and that is no matter. Tells whom
/// it waits for, and whom it has recovered the lock from. `replace`: for how long a holder may take
/// to end by itself that is to be stopped.
pub(crate) fn acquire(
    args: &Acquisition,
    keep_file: bool,
    command: &[OsString],
    replace: Option<Duration>,
) -> Result<Option<Lockfile>, Failure> {
    let waiting = Waiting::new(&args.lock);
    let mut lock = Lockfile::new(&args.lock)
        .message(args.message.clone().unwrap_or_else(|| name_of(command)))
        .format(args.format.into())
        .keep_file(keep_file)
        .on_wait(waiting.listener());
    let failure = |err: Error| Failure::locking(&err, args.conflict_exit_code);
    let result = match (replace, args.wait()) {
        (Some(grace), wait) => replace_holder(&mut lock, grace, wait, failure),
        (None, wait) => try_or_wait(&mut lock, wait).map_err(failure),
    };
    waiting.end();
    match result {
        Err(Failure { exit: Exit::Busy(_), .. }) if args.skips() => return Ok(None),
        result => result?,
    }
    report_recovery(&lock);
    Ok(Some(lock))
}

fn try_or_wait(lock: &mut Lockfile, wait: Option<Limit>) -> Result<(), Error> {
    match wait {
        None => lock.try_lock(),
        Some(Limit::Forever) => lock.lock(),
        Some(Limit::AtMost(limit)) => lock.lock_timeout(limit),
    }
}

/// Stops the holder, if there is one, and takes its place.
fn replace_holder(
    lock: &mut Lockfile,
    grace: Duration,
    wait: Option<Limit>,
    failure: impl Fn(Error) -> Failure,
) -> Result<(), Failure> {
    match lock.try_lock() {
        Err(err) if err.is_busy() => {}
        result => return result.map_err(failure),
    }
    let signalling = |err: Error| Failure::signalling(&err);
    if let Some(process) = lock.holder_process().map_err(signalling)? {
        say(format_args!("stopping {}, to take its place", process.holder()));
        // Whether it has ended, the lock will tell.
        stopping::stop(&process, &Schedule::after(grace)).map_err(signalling)?;
    }
    // Those whom it started may take a moment longer, however short the grace was: a guard keeps the
    // lock until the command has ended. And another contender may come first.
    let wait = wait.unwrap_or(Limit::AtMost(grace.max(GRACE)));
    try_or_wait(lock, Some(wait)).map_err(failure)
}

/// What a record says of a command whose user has given no message: its name, because its arguments
/// may hold what others should not read.
fn name_of(command: &[OsString]) -> String {
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
    // That no process has a PID proves little where the file says nothing but that.
    let is_looked_up = matches!(holder.verdict(), Verdict::Stale(Why::Dead | Why::OwnLeftover));
    let is_proof = !(holder.record().is_legacy() && is_looked_up);
    let safety = if is_proof { "that was safe, because " } else { "" };
    say(format_args!("recovered {path} from {holder}; {safety}{why}"));
}
