//! `tenure run`: a command that runs while a lockfile is held.

use std::path::Path;

use tenure::{Error, Lockfile, Verdict};

use crate::args::{Limit, Run};
use crate::child;
use crate::exit::Exit;
use crate::failure::{Failure, say, sentence};
use crate::waiting::Waiting;

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let waiting = Waiting::new(&args.lock);
    let mut lock = Lockfile::new(&args.lock)
        .message(message(args))
        .format(args.format.into())
        .keep_file(args.keep_file)
        .on_wait(waiting.listener());
    let result = match args.wait {
        None => lock.try_lock(),
        Some(Limit::Forever) => lock.lock(),
        Some(Limit::AtMost(limit)) => lock.lock_timeout(limit),
    };
    waiting.end();
    result.map_err(|err| Failure::locking(&err, args.conflict_exit_code))?;
    report_recovery(&lock);
    let exit = child::run(&args.command)?;
    report_loss(lock.unlock());
    Ok(exit)
}

/// The name of the command says what is being done; its arguments may hold what others should not
/// read.
fn message(args: &Run) -> String {
    args.message.clone().unwrap_or_else(|| {
        let name = args.command.first().and_then(|name| Path::new(name).file_name());
        name.unwrap_or_default().to_string_lossy().into_owned()
    })
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

/// The command has run; whether it ran alone is for people to find out.
fn report_loss(result: Result<(), Error>) {
    if let Err(err) = result {
        say(sentence(&err));
    }
}
