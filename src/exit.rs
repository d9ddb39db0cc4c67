//! The end of a process, watched for.

use crate::sys::{self, AsFd, BorrowedFd, OwnedFd};

/// The end of the process that has a PID.
#[derive(Debug)]
pub(crate) struct Exit {
    pid: u32,
    /// Readable when it has ended; `None` once that was seen, and where it cannot be watched.
    pidfd: Option<OwnedFd>,
}

impl Exit {
    /// Watches `pid` in place of whom `exit` watches; whether that is news, so that it has to be
    /// looked at again.
    pub(crate) fn watch(exit: &mut Option<Self>, pid: Option<u32>) -> bool {
        if exit.as_ref().map(|exit| exit.pid) == pid {
            return false;
        }
        *exit = pid.map(|pid| Self { pid, pidfd: sys::exit_event(pid) });
        exit.is_some()
    }

    /// What becomes readable when it has ended.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    /// Whether the process has ended, once.
    pub(crate) fn take(&mut self) -> bool {
        let ended = self.pidfd.as_ref().is_some_and(|fd| sys::has_exited(fd).unwrap_or(true));
        if ended {
            self.pidfd = None;
        }
        ended
    }
}
