//! alarm(2): an end for what would never end.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::sys::signal::Signal;
use nix::unistd::alarm;

/// Kills this process in `seconds`. What it forks is not killed, nor what it executes spared.
pub(crate) fn end_in(seconds: u32) {
    alarm::set(seconds);
}

/// Whether the process was ended by that.
pub(crate) fn is_late(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::SIGALRM as i32)
}
