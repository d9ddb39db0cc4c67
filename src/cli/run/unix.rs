//! That of Unix: in a process group of its own, with the signals that come.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use nix::sys::signal::Signal;
use tenure::{Error, Lockfile, Loss};

use crate::acquiring::acquire;
use crate::args::{Lost, Run};
use crate::child::Child;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::group::Group;
use crate::replacing::replace;
use crate::sentence::sentence;

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let (acquisition, keep_file, command) = (&args.acquisition, args.keep_file, &args.command);
    let lock = match args.replace {
        None => acquire(acquisition, keep_file, command)?,
        Some(grace) => replace(acquisition, keep_file, command, grace)?,
    };
    let Some(lock) = lock else { return Ok(Exit::Skipped) };
    let child = Child::start(command, args.kill_after)?;
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

/// A command that takes no longer is told nothing while it runs. What tells of a loss takes up to
/// 20 ms to close: some commands take a tenth of that.
const SOON: Duration = Duration::from_secs(1);

/// Has the command ended when it is not alone any more.
fn watch(lock: &Arc<Mutex<Lockfile>>, child: &Child, lost: Lost) {
    let (lock, group) = (Arc::clone(lock), Arc::clone(child.group()));
    let watching = Builder::new().spawn(move || {
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
    if let Err(err) = watching {
        // The command runs, and so the lock has to be held.
        say(format_args!(
            "whether the lock is lost is not seen until the command has ended: {err}"
        ));
    }
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
