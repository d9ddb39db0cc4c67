//! kill(2) - whether a process is there, and signals for it.

use std::io;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal;
use nix::unistd::{Pid, getuid};

#[cfg(target_os = "freebsd")]
use crate::sys::bsd::freebsd::hides_others;

/// kill(2) with signal 0 - whether any process, or thread, has the PID; one whose owner forbids to
/// be signalled exists as well.
pub(crate) fn exists(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| signal::kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH))
}

/// Whether a process of the user `uid` can be there that [`exists`] does not tell of.
pub(crate) fn may_be_hidden(uid: Option<u32>) -> bool {
    uid != Some(getuid().as_raw()) && hides_others()
}

/// Whoever may not signal a process is told so, and not that there is none.
#[cfg(not(target_os = "freebsd"))]
fn hides_others() -> bool {
    false
}

/// kill(2) - sends `signal` to whatever process has the PID.
#[expect(unsafe_code, reason = "nix knows no real-time signals")]
pub(super) fn kill(pid: u32, signal: i32) -> io::Result<()> {
    // 0 and below are groups of processes.
    let pid = i32::try_from(pid).ok().filter(|pid| *pid > 0).ok_or(Errno::ESRCH)?;
    // SAFETY: kill takes two integers and touches no memory of ours.
    Errno::result(unsafe { libc::kill(pid, signal) })?;
    Ok(())
}
