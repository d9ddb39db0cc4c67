//! `tenure list`: the lockfiles of this machine, and who holds them.

mod candidate;
mod locked;
mod places;
mod row;
mod search;

use std::io;
use std::path::Path;

use tenure::{Error, Lockfile, State, Status};

use crate::args;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::list::row::Row;
use crate::list::search::Listed;
use crate::output::tell;
use crate::report::{self, Report};
use crate::sentence::sentence;
use crate::table::Table;
use crate::{style, table};

pub(crate) fn list(args: &args::List) -> Result<Exit, Failure> {
    let places = if args.dirs.is_empty() {
        places::usual(args.recursive)
    } else {
        places::named(&args.dirs, args.recursive)
    };
    let mut complete = true;
    let mut statuses = Vec::new();
    for found in search::search(places) {
        let status = found.and_then(|(path, listed)| look(&path, listed));
        match status {
            Ok(Some(status)) if !args.stale || status.state() == State::Stale => {
                statuses.push(status);
            }
            Ok(_) => {}
            Err(what) => {
                say(what);
                complete = false;
            }
        }
    }
    statuses.sort_by(|one, other| one.path().cmp(other.path()));
    print(&statuses, args.json)?;
    Ok(if complete { Exit::Done } else { Exit::Unknown })
}

/// The state of what looked like a lockfile a moment ago; `None` if it no longer does.
fn look(path: &Path, listed: Listed) -> Result<Option<Status>, String> {
    match Lockfile::new(path).status() {
        Ok(status) if listed == Listed::IfHeld && status.state() != State::Held => Ok(None),
        Ok(status) if candidate::is_worth_listing(&status) => Ok(Some(status)),
        Ok(_) | Err(Error::InvalidPid { .. } | Error::NotALockfile { .. }) => Ok(None),
        Err(err) => Err(sentence(&err)),
    }
}

fn print(statuses: &[Status], json: bool) -> Result<(), Failure> {
    if json {
        let lines: String = statuses.iter().map(|it| report::line(&Report::of(it))).collect();
        return tell(io::stdout().lock(), &lines);
    }
    let mut table = Table::new(Row::HEADS);
    for status in statuses {
        table.push(Row::of(status).cells());
    }
    let text = match table::width_of_stdout() {
        Some(_) if statuses.is_empty() => {
            say("there are no such lockfiles");
            return Ok(());
        }
        Some(width) => table.fitted(width),
        None => table.complete(),
    };
    tell(style::stdout(), &text)
}
