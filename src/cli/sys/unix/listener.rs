//! Whoever reads standard output.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Returns once nobody reads what is written any more: the other end of a pipe is closed, or a
/// terminal has gone. Of a file, that never happens.
pub(crate) fn wait_for_its_end() {
    let stdout = io::stdout();
    // That there is an error, or an end, is told without being asked for.
    let mut fds = [PollFd::new(stdout.as_fd(), PollFlags::empty())];
    while poll(&mut fds, PollTimeout::NONE) == Err(Errno::EINTR) {}
}
