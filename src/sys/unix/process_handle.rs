//! A process that is held fast: what is signalled is this one, and no later one of its PID.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;

use super::file_id::FileId;
use super::kernel;
use super::kill::kill;
use super::poll::poll;
use crate::sys::process_marks::Marks;

/// The time from one look to the next at a process that nothing tells the end of.
const STEP: Duration = Duration::from_millis(50);

/// One process, whatever its PID comes to mean.
#[derive(Debug)]
pub(crate) struct ProcessHandle {
    pid: u32,
    marks: Marks,
    /// `None` where the system has none.
    pidfd: Option<OwnedFd>,
}

impl ProcessHandle {
    /// The process that has `pid` in this PID namespace now; `None` if there is none, or it has
    /// exited.
    ///
    /// # Errors
    ///
    /// The system does not say whether there is such a process.
    pub(crate) fn open(pid: u32) -> io::Result<Option<Self>> {
        let pinned = kernel::pin(pid)?;
        Ok(pinned.map(|(pidfd, marks)| Self { pid, marks, pidfd }))
    }

    /// What it has that a later process of the same PID has not.
    pub(crate) fn marks(&self) -> Marks {
        self.marks
    }

    /// The users who may signal it, as kill(2) has it: its real one, and the saved set-user-ID.
    /// `None` where the system does not say.
    pub(crate) fn users(&self) -> Option<[u32; 2]> {
        self.ask(kernel::users)
    }

    /// Whether it has a descriptor with a lock for writing on `file`.
    pub(crate) fn has_locked(&self, file: FileId) -> bool {
        self.ask(|pid| kernel::has_locked(pid, file).then_some(())).is_some()
    }

    /// What `look` finds of the PID while it is this process that has it; `None` once it has ended.
    fn ask<T>(&self, look: impl FnOnce(u32) -> Option<T>) -> Option<T> {
        let found = look(self.pid);
        // Between the opening and the look, the process may have ended and another have taken its
        // PID: so this is asked last.
        found.filter(|_| self.has_ended().is_ok_and(|ended| !ended))
    }

    /// Sends it `signal`, or with 0 nothing; `false` if it has ended.
    ///
    /// # Errors
    ///
    /// `EPERM`, `EINVAL`: kill(2). `Unsupported`: the system has no pidfds, and nothing tells this
    /// process from a later one.
    pub(crate) fn signal(&self, signal: i32) -> io::Result<bool> {
        if self.has_ended()? {
            return Ok(false);
        }
        match self.pidfd.as_ref().map(|pidfd| kernel::send(pidfd, signal)) {
            // EPERM: a sandbox without the call, unless kill(2) says so, too.
            Some(Err(err)) if matches!(err.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => {}
            Some(result) => return is_there(result),
            None if self.is_certainly_there()? => {}
            None => return Err(io::ErrorKind::Unsupported.into()),
        }
        // Between the look above and this, the process may end and another take its PID: without
        // pidfds, microseconds remain of that race.
        is_there(kill(self.pid, signal))
    }

    /// Waits for its end until `until`, or for as long as it takes; whether it has ended.
    pub(crate) fn wait(&self, until: Option<Instant>) -> io::Result<bool> {
        loop {
            if self.has_ended()? {
                return Ok(true);
            }
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return Ok(false);
            }
            match &self.pidfd {
                Some(pidfd) => poll(&[pidfd.as_fd()], until)?,
                None => poll(&[], Some(until.map_or(now + STEP, |until| until.min(now + STEP))))?,
            }
        }
    }

    fn has_ended(&self) -> io::Result<bool> {
        if let Some(pidfd) = &self.pidfd {
            return kernel::has_exited(pidfd);
        }
        // What cannot be read any more, because descriptors have run out, or this process has become
        // another user's, is no end.
        let now = kernel::pin(self.pid)?.map(|(_, marks)| marks.start_ticks);
        Ok(now.is_none_or(|now| {
            now.zip(self.marks.start_ticks).is_some_and(|(now, then)| now != then)
        }))
    }

    /// Whether the process that has the PID now is seen to be this one.
    fn is_certainly_there(&self) -> io::Result<bool> {
        let now = kernel::pin(self.pid)?.and_then(|(_, marks)| marks.start_ticks);
        Ok(now.is_some() && now == self.marks.start_ticks)
    }
}

/// Whether there was a process to signal.
fn is_there(result: io::Result<()>) -> io::Result<bool> {
    match result {
        Err(err) if err.raw_os_error() == Some(Errno::ESRCH as i32) => Ok(false),
        result => result.map(|()| true),
    }
}
