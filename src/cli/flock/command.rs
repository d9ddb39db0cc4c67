//! The command of flock: in the process group and at the terminal that we are in.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process;

use super::refusal::Refusal;
use super::target::Opened;
use crate::child::wait_for_children;
use crate::exit::Exit;
use crate::sys;

/// A program and its arguments.
#[derive(Debug)]
pub(super) struct Command {
    name: OsString,
    arguments: Vec<OsString>,
}

impl Command {
    /// From the words that come after the file.
    pub(super) fn new(words: &[OsString]) -> Result<Self, Refusal> {
        let (name, arguments) = words.split_first().expect("there is a word after the file");
        let Some(option @ ("-c" | "--command")) = name.to_str() else {
            return Ok(Self { name: name.clone(), arguments: arguments.into() });
        };
        let [script] = arguments else {
            let why = "requires exactly one command argument";
            return Err(Refusal::usage(format_args!("{option} {why}")));
        };
        let shell = env::var_os("SHELL").filter(|shell| !shell.is_empty());
        let name = shell.unwrap_or_else(|| "/bin/sh".into());
        Ok(Self { name, arguments: vec!["-c".into(), script.clone()] })
    }

    pub(super) fn name(&self) -> &Path {
        Path::new(&self.name)
    }

    /// Runs to its end, or becomes the command: then it returns only if it cannot.
    ///
    /// The command inherits the open file and so, without `close`, the lock, which lasts until both
    /// of us have ended and everybody whom the command has left it to.
    pub(super) fn run(self, file: &Opened, close: bool, become_it: bool) -> Result<Exit, Refusal> {
        wait_for_children().map_err(|failure| Refusal::new(failure.exit, &failure))?;
        if close {
            let failed = |err| Refusal::because(Exit::System, "cannot close the file", err);
            file.close_on_exec().map_err(failed)?;
        }
        let mut command = process::Command::new(&self.name);
        command.args(&self.arguments);
        sys::in_our_place(&mut command);
        if become_it {
            return Err(self.not_executed(command.exec()));
        }
        let mut child = command.spawn().map_err(|err| self.not_executed(err))?;
        let failed = |err| Refusal::because(Exit::System, "waitpid failed", err);
        let status = child.wait().map_err(failed)?;
        let code = status.code().or_else(|| status.signal().map(|number| 128 + number));
        let code = code.and_then(|code| u8::try_from(code).ok());
        Ok(Exit::Command(code.unwrap_or(u8::MAX)))
    }

    fn not_executed(&self, err: io::Error) -> Refusal {
        let exit = match err.kind() {
            io::ErrorKind::OutOfMemory => Exit::System,
            _ => Exit::NotExecuted,
        };
        Refusal::because(exit, format_args!("failed to execute {}", self.name().display()), err)
    }
}
