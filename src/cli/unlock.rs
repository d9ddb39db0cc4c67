//! `tenure unlock`: a stale lockfile, removed, or our own lock, released.

use tenure::{State, Status, Verdict};

use crate::args;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::sentence::sentence;
use crate::{remedy, underneath};

pub(crate) fn unlock(args: &args::Unlock) -> Result<Exit, Failure> {
    let (lock, status) = underneath::lockfile(&args.lock)?;
    let mut lock = lock.remove_empty(args.empty);
    let path = lock.path().display().to_string();
    // What cannot be inherited may still be stale.
    if lock.inherit().unwrap_or(false) {
        lock.unlock().map_err(|err| Failure::removing(&err, sentence(&err)))?;
        say(format_args!("released {path}, which was {status}"));
        return Ok(Exit::Done);
    }
    match lock.release_stale() {
        Ok(true) => say(format_args!("removed {path}; it was {status}{}", why(&status))),
        Ok(false) => say(format_args!("there is nothing stale at {path}")),
        Err(err) => return Err(Failure::removing(&err, remedy::of_unlocking(&err, &lock))),
    }
    Ok(Exit::Done)
}

/// The reason, in parentheses, if it is known.
fn why(status: &Status) -> String {
    match (status.state(), status.verdict()) {
        (State::Stale, Some(Verdict::Stale(why))) => format!(" ({why})"),
        _ => String::new(),
    }
}
