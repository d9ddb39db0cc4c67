//! Who this process is, and whether another is.

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::{Pid, geteuid};

/// The effective user id.
pub(crate) fn effective_uid() -> u32 {
    geteuid().as_raw()
}

/// kill(2) with signal 0 - whether any process, or thread, has the PID; one whose owner forbids to
/// be signalled exists as well.
pub(crate) fn exists(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH))
}
