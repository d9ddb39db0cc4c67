//! `tenure watch`: what becomes of lockfiles, a line for each change.

mod change;

use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::channel;
use std::thread::Builder;

use tenure::Lockfile;

use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::style;
use crate::sys::listener;
use crate::watch::change::Change;

/// What the threads of this verb tell the one that writes.
enum News {
    Changed(Box<Change>),
    /// Nobody reads what is written.
    Unheard,
}

/// Interrupted, it ends as anything else does: a line is written whole, and nothing else is done to
/// the terminal.
pub(crate) fn watch(args: &args::Watch) -> Result<Exit, Failure> {
    let (news, told) = channel();
    for lock in &args.locks {
        let (lock, news) = (lock.clone(), news.clone());
        let mut changes = Lockfile::new(&lock)
            .changes()
            .map(move |seen| News::Changed(Box::new(Change::of(&lock, seen))));
        // The present states, in the order that they were asked for.
        if let Some(first) = changes.next() {
            // It listens: below.
            let _ = news.send(first);
        }
        start(move || changes.all(|change| news.send(change).is_ok()))?;
    }
    start(move || {
        listener::wait_for_its_end();
        news.send(News::Unheard)
    })?;
    for news in told {
        let News::Changed(change) = news else { break };
        match tell(&if args.json { change.json() } else { change.text() }, args.json) {
            Err(err) if err.kind() == ErrorKind::BrokenPipe => break,
            told => told.map_err(|err| Failure::telling(&err))?,
        }
    }
    Ok(Exit::Done)
}

fn start<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Result<(), Failure> {
    Builder::new().spawn(run).map(drop).map_err(|err| Failure::system("start a thread", err))
}

/// Writes a line, in one write.
fn tell(line: &str, json: bool) -> io::Result<()> {
    if json {
        let mut stdout = io::stdout().lock();
        stdout.write_all(line.as_bytes())?;
        return stdout.flush();
    }
    let mut stdout = style::stdout();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}
