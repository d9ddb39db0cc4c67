//! execve(2) - another program in this process.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Replaces the program of this process. Returns only if that failed.
pub(crate) fn execute(command: &mut Command) -> io::Error {
    command.exec()
}
