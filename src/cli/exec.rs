//! `tenure exec`: a command that this process becomes, and that holds a lockfile.

use std::process::Command;

use tenure::{Error, Op};

use crate::acquiring::acquire;
use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;

/// Returns only if the command is not executed; the lock is released then.
pub(crate) fn exec(args: &args::Exec) -> Result<Exit, Failure> {
    let Some(mut lock) = acquire(&args.acquisition, false, &args.command)? else {
        return Ok(Exit::Skipped);
    };
    let (name, arguments) = args.command.split_first().expect("clap requires a command");
    let Err(err) = lock.exec(Command::new(name).args(arguments));
    Err(match err {
        Error::Io { op: Op::Execute, source, .. } => Failure::starting(name, &source),
        err => Failure::locking(&err, args.acquisition.conflict_exit_code),
    })
}
