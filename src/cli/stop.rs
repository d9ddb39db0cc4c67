//! `tenure stop`: an end to the holder of a lockfile.

use std::time::Duration;

use tenure::{Error, Lockfile, State};

use crate::args::{self, Schedule};
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::stopping;

pub(crate) fn stop(args: &args::Stop) -> Result<Exit, Failure> {
    let failure = |err: Error| Failure::signalling(&err);
    let lock = Lockfile::new(&args.lock);
    let Some(process) = lock.holder_process().map_err(failure)? else {
        say(format_args!("nobody holds {}", lock.path().display()));
        return Ok(Exit::NobodyHolds);
    };
    let schedule = args.retry.clone().unwrap_or_else(|| Schedule::after(args.grace));
    if !stopping::stop(&process, &schedule).map_err(failure)? {
        say(format_args!("{} has not ended; it holds {}", process.holder(), lock.path().display()));
        return Ok(Exit::StillAlive);
    }
    report_heir(&lock);
    Ok(Exit::Done)
}

/// For how long those whom the holder has started, and who have the lock as well, may take to end.
const MOMENT: Duration = Duration::from_secs(1);

/// The process has ended; that the lock is taken all the same is for people to know.
fn report_heir(lock: &Lockfile) {
    let _ = lock.wait_until_free(Some(MOMENT));
    if let Ok(status) = lock.status() {
        if matches!(status.state(), State::Held | State::Unproven) {
            let verdict = status.verdict().map_or_else(String::new, |it| format!(" ({it})"));
            say(format_args!("{} is {status}{verdict}", lock.path().display()));
        }
    }
}
