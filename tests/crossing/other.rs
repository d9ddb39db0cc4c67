//! The other program.

use std::path::Path;
use std::process::Command;

use crate::age::Age;
use crate::contender::{Contender, STAY};

/// What the tests need that is no program of a package. `.ci/crossing` makes it.
macro_rules! fetched {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/target/crossing/", $name)
    };
}
pub(crate) use fetched;

/// Programs of ours, which use the libraries of others.
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crossing/programs");

/// What a program does that does not get the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It exits with this status.
    Exits(i32),
    /// It waits in the kernel's queue.
    Waits,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Other {
    /// As the table calls it.
    pub(crate) name: &'static str,
    /// The version that was tried.
    pub(crate) version: &'static str,
    /// Programs, and absolute paths.
    pub(crate) needs: &'static [&'static str],
    /// A shell script. It finds the lockfile in `$LOCK`, what to do inside in `$STAY`, what is
    /// [`fetched`] in `$FETCHED`, programs of ours in `$PROGRAMS`, and room in `$SCRATCH`.
    pub(crate) script: &'static str,
    pub(crate) refused: Refused,
    /// The ages of a file that can make a difference to it.
    pub(crate) ages: &'static [Age],
}

impl Other {
    pub(crate) fn start(&self, lock: &Path, scratch: &Path) -> Contender {
        let mut command = Command::new("sh");
        command.args(["-c", self.script]).env("LOCK", lock).env("STAY", STAY);
        command.env("SCRATCH", scratch).env("FETCHED", fetched!("")).env("PROGRAMS", PROGRAMS);
        Contender::start(command, self.refused == Refused::Waits)
    }
}
