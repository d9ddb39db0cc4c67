//! `pidfd_open(2)` - a descriptor for a process, which no later process of the same PID answers to.

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::fstat;
use nix::sys::statfs::fstatfs;

use crate::sys::unix::resource_shortage::learned;

/// `PID_FS_MAGIC` of linux/magic.h, "PIDF".
const PID_FS_MAGIC: i64 = 0x5049_4446;

/// Opens a pidfd. `ESRCH`: no such process. `EINVAL` or `ENOENT`: the number is that of a thread.
/// `ENOSYS`: Linux before 5.3, or a sandbox.
pub(super) fn open(pid: u32) -> Result<OwnedFd, Errno> {
    let pid = libc::pid_t::try_from(pid).map_err(|_| Errno::ESRCH)?;
    let fd = syscall_pidfd_open(pid)?;
    Ok(own(fd))
}

/// A descriptor that becomes readable when the process `pid` has ended; `None` where that is not to
/// be had, or it has ended already.
pub(crate) fn exit_event(pid: u32) -> Option<OwnedFd> {
    open(pid).ok()
}

#[expect(unsafe_code, reason = "neither std nor nix has pidfd_open")]
fn syscall_pidfd_open(pid: libc::pid_t) -> Result<i32, Errno> {
    // SAFETY: pidfd_open takes two integers and touches no memory of ours.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    i32::try_from(fd).map_err(|_| Errno::EBADF)
}

#[expect(unsafe_code, reason = "a raw descriptor becomes an owned one")]
fn own(fd: i32) -> OwnedFd {
    // SAFETY: the kernel has just made this descriptor for us, and nothing else knows of it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// `pidfd_send_signal(2)` - sends `signal` to the process of `pidfd`, and to no other.
#[expect(unsafe_code, reason = "neither std nor nix has pidfd_send_signal")]
pub(crate) fn send(pidfd: &OwnedFd, signal: i32) -> io::Result<()> {
    let (fd, info) = (pidfd.as_raw_fd(), std::ptr::null::<libc::siginfo_t>());
    // SAFETY: with no siginfo, the kernel touches no memory of ours; the descriptor is open.
    Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, info, 0) })?;
    Ok(())
}

/// Whether the whole thread group has exited: then, and only then, the pidfd is readable. (A
/// process whose main thread alone has ended shows state `Z` and lives on.)
pub(crate) fn has_exited(pidfd: &OwnedFd) -> io::Result<bool> {
    let mut fds = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    loop {
        match poll(&mut fds, PollTimeout::ZERO) {
            Err(Errno::EINTR) => {}
            Err(err) => return Err(err.into()),
            Ok(_) => {
                // Nothing but this: an error of poll's is no death.
                let events = fds[0].revents();
                return Ok(events.is_some_and(|events| events.contains(PollFlags::POLLIN)));
            }
        }
    }
}

/// The inode of a pidfd: since Linux 6.9 a number that no other process of this boot gets. Before,
/// all pidfds share one anonymous inode, which is no mark of anything: `None`.
///
/// # Errors
///
/// Memory has run out.
#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    clippy::cast_possible_wrap,
    reason = "the widths of these fields differ from platform to platform"
)]
pub(super) fn inode(pidfd: &OwnedFd) -> io::Result<Option<u64>> {
    static DISTINCT: OnceLock<bool> = OnceLock::new();
    let distinct = if let Some(distinct) = DISTINCT.get() {
        *distinct
    } else {
        let found = learned(fstatfs(pidfd).map_err(io::Error::from))?;
        let distinct = found.is_some_and(|fs| fs.filesystem_type().0 as i64 == PID_FS_MAGIC);
        *DISTINCT.get_or_init(|| distinct)
    };
    if !distinct {
        return Ok(None);
    }
    Ok(learned(fstat(pidfd).map_err(io::Error::from))?.map(|stat| stat.st_ino.into()))
}
