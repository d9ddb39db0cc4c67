//! poll(2) - waiting until something happens, or it is late enough.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};

/// Waits until one of `fds` is readable, or closed at its other end, or until `until`; a signal
/// handler may run meanwhile, and the waiting goes on. Never returns before `until` without a
/// reason, and not after it but for what the scheduler adds.
pub(crate) fn poll(fds: &[BorrowedFd<'_>], until: Option<Instant>) -> io::Result<()> {
    let mut fds: Vec<_> = fds.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        match wait(&mut fds, left) {
            Err(Errno::EINTR) => {}
            // More descriptors than this process may have: then nothing but the clock tells.
            Err(Errno::EINVAL) if !fds.is_empty() => fds.clear(),
            Err(err) => return Err(err.into()),
            Ok(_) => return Ok(()),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn wait(fds: &mut [PollFd<'_>], left: Option<Duration>) -> nix::Result<i32> {
    nix::poll::ppoll(fds, left.map(Into::into), None)
}

/// Without ppoll(2), to the millisecond.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn wait(fds: &mut [PollFd<'_>], left: Option<Duration>) -> nix::Result<i32> {
    use nix::poll::PollTimeout;
    let rounded_up = |left: Duration| left + Duration::from_nanos(999_999);
    let limit = left.map_or(PollTimeout::NONE, |left| {
        PollTimeout::try_from(rounded_up(left)).unwrap_or(PollTimeout::MAX)
    });
    nix::poll::poll(fds, limit)
}
