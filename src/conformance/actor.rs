//! A contender, seen from within: what it does when it is told to.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

use super::files;
use crate::backend::Backend;
use crate::error::Error;
use crate::lockfile::Lockfile;
use crate::sys::{self, Line};

/// What is said before a wait.
pub(super) const GOING: &str = "going";
/// More than any check lasts.
const LONG: Duration = Duration::from_secs(1_000_000);
/// A limit that ends.
const SHORT: Duration = Duration::from_millis(50);

pub(super) struct Actor {
    lock: Lockfile,
    /// What the backend itself was asked for.
    file: Option<File>,
}

impl Actor {
    pub(super) fn new(lock: Lockfile) -> Self {
        Self { lock, file: None }
    }

    /// Does what it is told over `line`, until that ends.
    pub(super) fn serve(mut self, line: Line) -> io::Result<()> {
        let mut answers = line.try_clone()?;
        // proc(5): `PID/task/TID` of the thread that reads it.
        let task = fs::read_link("/proc/thread-self").unwrap_or_default();
        writeln!(answers, "{}", task.display())?;
        for command in BufReader::new(line).lines() {
            let command = command?;
            if command.starts_with("wait") {
                writeln!(answers, "{GOING}")?;
            }
            writeln!(answers, "{}", self.obey(&command))?;
        }
        Ok(())
    }

    /// `ok`, another word, or `Variant: the error's text`.
    fn obey(&mut self, command: &str) -> String {
        let lock = &mut self.lock;
        let result = match command {
            "try_lock" => lock.try_lock(),
            "unlock" => lock.unlock(),
            "verify" => lock.verify(),
            "share" => lock.try_lock_shared(),
            "wait" => lock.lock(),
            "wait with a limit" => lock.lock_timeout(LONG),
            "wait shortly" => lock.lock_timeout(SHORT),
            "wait in signals" => {
                sys::admit_interruption().map_err(other).and_then(|()| lock.lock())
            }
            "wait with a limit in signals" => {
                sys::admit_interruption().map_err(other).and_then(|()| lock.lock_timeout(LONG))
            }
            "was it interrupted" => return (sys::interruptions() > 0).to_string(),
            "take turns" => take_turns(lock),
            "come and go" => come_and_go(lock),
            "ask the backend" | "wait for the backend" => {
                return self.ask_backend().unwrap_or_else(|err| err.to_string());
            }
            "tell the backend to release" => self.tell_backend().map_err(other),
            "was it abandoned" => return was_abandoned(lock),
            _ => panic!("{command:?} is no command"),
        };
        result.map_or_else(|err| text(&err), |()| "ok".to_owned())
    }

    fn backend(&self) -> io::Result<&dyn Backend> {
        self.lock.protocol().backend().ok_or(io::ErrorKind::Unsupported.into())
    }

    fn ask_backend(&mut self) -> io::Result<String> {
        let file = files::open(self.lock.path())?;
        let admission = self.backend()?.try_lock(&file, self.lock.path())?;
        self.file = Some(file);
        Ok(format!("{admission:?}"))
    }

    fn tell_backend(&mut self) -> io::Result<()> {
        let file = self.file.take().ok_or(io::ErrorKind::NotFound)?;
        self.backend()?.release(&file, self.lock.path())
    }
}

/// Whether, and whose lock it was: `no`, or the PID.
fn was_abandoned(lock: &Lockfile) -> String {
    match lock.recovered_from() {
        Some(holder) if lock.was_abandoned() => holder.pid().to_string(),
        None if !lock.was_abandoned() => "no".to_owned(),
        other => format!("{other:?}, abandoned: {}", lock.was_abandoned()),
    }
}

/// Enters and leaves often. Fails if anybody else is inside, of which this crate knows nothing:
/// only one can make a directory.
fn take_turns(lock: &mut Lockfile) -> Result<(), Error> {
    const TURNS: usize = 40;
    let room = lock.path().with_extension("room");
    for turn in 0..TURNS {
        match turn % 2 {
            0 => lock.lock()?,
            _ => lock.lock_timeout(LONG)?,
        }
        fs::create_dir(&room)
            .map_err(|err| other(io::Error::other(format!("two inside: {err}"))))?;
        fs::remove_dir(&room).map_err(other)?;
        lock.unlock()?;
    }
    Ok(())
}

/// Locks and unlocks often, alone but for readers: it is never busy.
fn come_and_go(lock: &Lockfile) -> Result<(), Error> {
    const TIMES: usize = 50;
    // The readers open the same file each time, and so come near the lock.
    let mut lock = lock.clone().keep_file(true);
    for _ in 0..TIMES {
        lock.try_lock()?;
        lock.unlock()?;
    }
    Ok(())
}

fn other(source: io::Error) -> Error {
    Error::Io { op: crate::error::Op::Lock, path: "the check itself".into(), source }
}

/// `Variant: what it says`.
fn text(err: &Error) -> String {
    let debug = format!("{err:?}");
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match std::error::Error::source(err) {
        Some(source) => format!("{variant}: {err}: {source}"),
        None => format!("{variant}: {err}"),
    }
}
