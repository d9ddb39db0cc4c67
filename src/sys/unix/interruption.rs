//! Signals that interrupt, for checks of what a wait does about them.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::Pid;

/// Whether there is such a thing.
pub(crate) const CAN_INTERRUPT: bool = true;

static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: i32) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Takes no interruption in this thread, nor in those that it starts: another is to have it.
pub(crate) fn refuse_interruption() -> io::Result<()> {
    Ok(SigSet::from(Signal::SIGUSR1).thread_block()?)
}

/// From here on this thread is interrupted by SIGUSR1, whose handler lets no system call start
/// again (no `SA_RESTART`).
#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
pub(crate) fn admit_interruption() -> io::Result<()> {
    let action = SigAction::new(SigHandler::Handler(count), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler only adds to an atomic.
    unsafe { sigaction(Signal::SIGUSR1, &action) }?;
    Ok(SigSet::from(Signal::SIGUSR1).thread_unblock()?)
}

/// kill(2) - interrupts the thread of the process that has admitted it.
pub(crate) fn interrupt(pid: u32) -> io::Result<()> {
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    Ok(kill(Pid::from_raw(pid), Signal::SIGUSR1)?)
}

/// How often this process was interrupted.
pub(crate) fn interruptions() -> usize {
    HANDLED.load(Ordering::Relaxed)
}
