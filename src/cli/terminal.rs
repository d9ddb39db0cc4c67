//! The terminal on standard input, and which process group may read from it.

use std::io;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::{Pid, getpgrp, tcgetpgrp, tcsetpgrp};

/// Whether standard input is a terminal whose foreground process group is ours.
pub(crate) fn is_ours() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
}

/// Makes `group` the foreground process group.
pub(crate) fn give_to(group: Pid) -> io::Result<()> {
    // To do so from the background brings SIGTTOU, which stops a process unless it is blocked.
    let mut before = SigSet::empty();
    let ttou = SigSet::from(Signal::SIGTTOU);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&ttou), Some(&mut before))?;
    let result = tcsetpgrp(io::stdin(), group);
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
    Ok(result?)
}
