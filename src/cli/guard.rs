//! What ends the command when this process is killed, and can do nothing any more.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::Arc;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::sys;

/// A process that waits for the death of this one.
///
/// If this one is killed, the guard kills the command's process group, and keeps the lock until the
/// command has ended: it has a copy of the lock's descriptor, as of every other. Without it, the
/// kernel kills the command alone, not what that has started, and frees the lock before that.
///
/// It is a fork and no program of its own, because that would take as long as all the rest.
#[derive(Debug)]
pub(crate) struct Guard {
    pid: Pid,
    /// Read to its end when all copies of it are gone: with this process, and by then the command's.
    line: Arc<File>,
    /// The end that the guard reads. If nobody had it any more, because the guard was killed, SIGPIPE
    /// would end the command before it begins.
    _heard: OwnedFd,
}

impl Guard {
    /// # Errors
    ///
    /// There is no process, or no pipe, to be had.
    pub(crate) fn post() -> io::Result<Self> {
        let (pid, line, heard) = sys::fork_guard()?;
        Ok(Self { pid, line: Arc::new(line), _heard: heard })
    }

    /// Guards the command that `command` will start. It says itself who it is, before it becomes the
    /// command: between its start and a word of ours, we could be killed.
    pub(crate) fn watch(&self, command: &mut Command) {
        sys::report_to(command, Arc::clone(&self.line));
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Also one that somebody has stopped, which would hear nothing. It is our child, and so its
        // number is no other's.
        let _ = kill(self.pid, Signal::SIGKILL);
        sys::await_end(self.pid);
    }
}
