//! `EVFILT_PROC` of kqueue(2) - the end of a process.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::event::{EvFlags, EventFilter, FilterFlag, KEvent, Kqueue};

/// A descriptor that becomes readable when the process `pid` has ended; `None` where that is not to
/// be had, or it has ended already.
pub(crate) fn exit_event(pid: u32) -> Option<OwnedFd> {
    let queue = Kqueue::new().ok()?;
    let (pid, exit) = (usize::try_from(pid).ok()?, FilterFlag::NOTE_EXIT);
    let event = KEvent::new(pid, EventFilter::EVFILT_PROC, EvFlags::EV_ADD, exit, 0, 0);
    queue.kevent(&[event], &mut [], None).ok()?;
    Some(queue.into())
}

/// Whether the process has ended. Nothing is taken: it can be asked again.
pub(crate) fn has_exited(event: &OwnedFd) -> io::Result<bool> {
    let mut fds = [PollFd::new(event.as_fd(), PollFlags::POLLIN)];
    loop {
        match poll(&mut fds, PollTimeout::ZERO) {
            Err(Errno::EINTR) => {}
            Err(err) => return Err(err.into()),
            Ok(ready) => return Ok(ready > 0),
        }
    }
}
