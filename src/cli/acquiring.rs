//! Acquiring the lock that a command is to have.

use std::ffi::OsString;
use std::path::Path;

use tenure::{Error, Lockfile, Verdict, Why};

use crate::args::{Acquisition, Limit};
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::waiting::Waiting;

/// Acquires the lock for `command`; `None` if somebody holds it, and that is no matter. Tells whom
/// it waits for, and whom it has recovered the lock from.
pub(crate) fn acquire(
    args: &Acquisition,
    keep_file: bool,
    command: &[OsString],
) -> Result<Option<Lockfile>, Failure> {
    acquire_by(args, keep_file, command, |lock| {
        try_or_wait(lock, args.wait()).map_err(|err| not_had(&err, args))
    })
}

/// The same, where `take` is what takes the lock.
pub(crate) fn acquire_by(
    args: &Acquisition,
    keep_file: bool,
    command: &[OsString],
    take: impl FnOnce(&mut Lockfile) -> Result<(), Failure>,
) -> Result<Option<Lockfile>, Failure> {
    let waiting = Waiting::new(&args.lock);
    let mut lock = Lockfile::new(&args.lock)
        .message(args.message.clone().unwrap_or_else(|| name_of(command)))
        .format(args.format.into())
        .keep_file(keep_file)
        .on_wait(waiting.listener());
    let result = take(&mut lock);
    waiting.end();
    match result {
        Err(Failure { exit: Exit::Busy(_), .. }) if args.skips() => return Ok(None),
        result => result?,
    }
    report_recovery(&lock);
    Ok(Some(lock))
}

pub(crate) fn try_or_wait(lock: &mut Lockfile, wait: Option<Limit>) -> Result<(), Error> {
    match wait {
        None => lock.try_lock(),
        Some(Limit::Forever) => lock.lock(),
        Some(Limit::AtMost(limit)) => lock.lock_timeout(limit),
    }
}

/// The failure to take the lock that `args` are about.
pub(crate) fn not_had(err: &Error, args: &Acquisition) -> Failure {
    Failure::locking(err, args.conflict_exit_code)
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
