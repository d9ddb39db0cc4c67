//! `tenure exec`: a command that this process becomes, and that holds a lockfile.

use std::process::Command;

use tenure::{Error, Lockfile, Op};

use crate::acquiring::{acquire, name_of};
use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;

/// Returns only if the command is not executed; the lock is released then.
pub(crate) fn exec(args: &args::Exec) -> Result<Exit, Failure> {
    let message = args.message.clone().unwrap_or_else(|| name_of(&args.command));
    let lock = Lockfile::new(&args.lock).message(message).format(args.format.into());
    let mut lock = acquire(lock, args.wait, args.conflict_exit_code)?;
    let (name, arguments) = args.command.split_first().expect("clap requires a command");
    let Err(err) = lock.exec(Command::new(name).args(arguments));
    Err(match err {
        Error::Io { op: Op::Execute, source, .. } => Failure::starting(name, &source),
        err => Failure::locking(&err, args.conflict_exit_code),
    })
}
