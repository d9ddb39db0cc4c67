//! `tenure run`: a command that runs while a lockfile is held.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use tenure::{Error, Lockfile, Loss, Verdict};

use crate::args::{Limit, Lost, OnBusy, Run, Schedule};
use crate::child::Child;
use crate::exit::Exit;
use crate::failure::{Failure, say, sentence};
use crate::group::Group;
use crate::stopping;
use crate::waiting::Waiting;

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let waiting = Waiting::new(&args.lock);
    let mut lock = Lockfile::new(&args.lock)
        .message(message(args))
        .format(args.format.into())
        .keep_file(args.keep_file)
        .on_wait(waiting.listener());
    let result = match args.replace {
        Some(grace) => replace(&mut lock, args, grace),
        None => acquire(&mut lock, wait(args)).map_err(|err| locking(&err, args)),
    };
    waiting.end();
    match result {
        Err(Failure { exit: Exit::Busy(_), .. }) if args.on_busy == OnBusy::Skip => {
            return Ok(Exit::Skipped);
        }
        result => result?,
    }
    report_recovery(&lock);
    let child = Child::start(&args.command, args.kill_after)?;
    let lock = Arc::new(Mutex::new(lock));
    watch(&lock, &child, args.lost);
    let exit = child.wait();
    let unlocked = own(&lock).unlock();
    let exit = exit?;
    Ok(match unlocked {
        Ok(()) => exit,
        // The command has run; whether it ran alone is for people to find out.
        Err(err) => {
            say(sentence(&err));
            let lost = matches!(err, Error::RogueDeletion { .. }) && args.lost == Lost::Term;
            if lost { Exit::Lost } else { exit }
        }
    })
}

/// For how long to wait; `None`: not at all.
fn wait(args: &Run) -> Option<Limit> {
    args.wait.or_else(|| (args.on_busy == OnBusy::Wait).then_some(Limit::Forever))
}

fn acquire(lock: &mut Lockfile, wait: Option<Limit>) -> Result<(), Error> {
    match wait {
        None => lock.try_lock(),
        Some(Limit::Forever) => lock.lock(),
        Some(Limit::AtMost(limit)) => lock.lock_timeout(limit),
    }
}

fn locking(err: &Error, args: &Run) -> Failure {
    Failure::locking(err, args.conflict_exit_code)
}

/// Stops the holder, if there is one, and takes its place.
fn replace(lock: &mut Lockfile, args: &Run, grace: Duration) -> Result<(), Failure> {
    match lock.try_lock() {
        Err(err) if err.is_busy() => {}
        result => return result.map_err(|err| locking(&err, args)),
    }
    let signalling = |err: Error| Failure::signalling(&err);
    if let Some(process) = lock.holder_process().map_err(signalling)? {
        say(format_args!("stopping {}, to take its place", process.holder()));
        // Whether it has ended, the lock will tell.
        stopping::stop(&process, &Schedule::after(grace)).map_err(signalling)?;
    }
    // Those whom it started may take a moment longer, and another contender may come first.
    let wait = wait(args).unwrap_or(Limit::AtMost(grace));
    acquire(lock, Some(wait)).map_err(|err| locking(&err, args))
}

/// A command that takes no longer is told nothing while it runs. What tells of a loss takes up to
/// 20 ms to close: some commands take a tenth of that.
const SOON: Duration = Duration::from_secs(1);

/// Has the command ended when it is not alone any more.
fn watch(lock: &Arc<Mutex<Lockfile>>, child: &Child, lost: Lost) {
    let (lock, group) = (Arc::clone(lock), Arc::clone(child.group()));
    thread::spawn(move || {
        if group.ends_within(SOON) {
            return;
        }
        let mut lock = own(&lock);
        let path = lock.path().to_owned();
        match lock.on_lost(move |loss| report_loss(&path, loss, lost, &group)) {
            // The command has just ended.
            Ok(()) | Err(Error::NotHeld { .. }) => {}
            Err(err) => say(sentence(&err)),
        }
    });
}

fn report_loss(path: &Path, loss: Loss, policy: Lost, group: &Arc<Group>) {
    let path = path.display();
    match (loss, policy) {
        (Loss::Overwritten, _) => {
            say(format_args!("{path} was overwritten by a program that does not lock it"));
        }
        (_, Lost::Ignore) => {
            say(format_args!("{path} was {loss} while it was held; the command runs on"));
        }
        (_, Lost::Term) => {
            say(format_args!("{path} was {loss} while it was held; stopping the command"));
            group.signal(Signal::SIGTERM);
        }
    }
}

/// Whoever panicked with the lock has not unlocked it.
fn own(lock: &Mutex<Lockfile>) -> MutexGuard<'_, Lockfile> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
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
