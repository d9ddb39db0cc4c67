//! fork(2), for checks of what a child's copies do.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::errno::Errno;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm};

/// Whether there is such a thing.
pub(crate) const CAN_FORK: bool = true;

/// Which of the two processes this is, after a [`fork`].
#[derive(Debug)]
pub(crate) enum Side {
    Parent(Forked),
    Child,
}

/// The child, seen from its parent.
#[derive(Debug)]
pub(crate) struct Forked(Pid);

/// fork(2): one process becomes two. The child has `seconds` to end, and is killed then.
#[expect(unsafe_code, reason = "a fork copies what other threads were in the middle of")]
pub(crate) fn fork(seconds: u32) -> io::Result<Side> {
    // SAFETY: assumption: the caller has no other threads, as the checks see to.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Side::Parent(Forked(child))),
        ForkResult::Child => {
            alarm::set(seconds);
            Ok(Side::Child)
        }
    }
}

/// Does `work` in a child and ends it, without what the parent has to do at its exit.
#[expect(unsafe_code, reason = "nix has no _exit")]
pub(crate) fn end_child(work: impl FnOnce()) -> ! {
    let code = i32::from(catch_unwind(AssertUnwindSafe(work)).is_err());
    // SAFETY: _exit takes an integer and touches no memory.
    unsafe { nix::libc::_exit(code) }
}

impl Forked {
    /// Waits until it has ended; whether it did its work without panicking.
    pub(crate) fn wait(self) -> io::Result<bool> {
        loop {
            match waitpid(self.0, None) {
                Ok(WaitStatus::Exited(_, code)) => return Ok(code == 0),
                Ok(WaitStatus::Signaled(..)) => return Ok(false),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(err) => return Err(err.into()),
            }
        }
    }
}
