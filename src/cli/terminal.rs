//! The controlling terminal, and which process group may read from it.

use std::fs::File;
use std::io;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::{Pid, tcgetpgrp, tcsetpgrp};

/// The controlling terminal of this process.
#[derive(Debug)]
pub(crate) struct Terminal(File);

impl Terminal {
    /// `None` where there is none: under cron, in a service.
    pub(crate) fn controlling() -> Option<Self> {
        File::open("/dev/tty").ok().map(Self)
    }

    /// Whether `group` is the foreground process group.
    pub(crate) fn is_with(&self, group: Pid) -> bool {
        tcgetpgrp(&self.0).is_ok_and(|foreground| foreground == group)
    }

    /// Makes `group` the foreground process group.
    pub(crate) fn give_to(&self, group: Pid) -> io::Result<()> {
        // To do so from the background brings SIGTTOU, which stops a process unless it is blocked.
        let mut before = SigSet::empty();
        let ttou = SigSet::from(Signal::SIGTTOU);
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&ttou), Some(&mut before))?;
        let result = tcsetpgrp(&self.0, group);
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
        Ok(result?)
    }
}

/// Whether standard input is the controlling terminal. (No other one answers this question.)
pub(crate) fn is_standard_input() -> bool {
    tcgetpgrp(io::stdin()).is_ok()
}
