//! Descriptors of processes, for which nix has no functions.
#![cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    allow(unused_imports, unused_variables)
)]

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{Pid, getpid};

/// `pidfd_open(2)` - a descriptor of the process `pid`.
///
/// # Errors
///
/// There are no pidfds: `ENOSYS` before Linux 5.3; what a sandbox says.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(unsafe_code, reason = "neither std nor nix has pidfd_open")]
pub(super) fn open(pid: Pid) -> nix::Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers and touches no memory of ours.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    let fd = i32::try_from(Errno::result(fd)?).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel has just made this descriptor for us, and nothing else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// `pidfd_send_signal(2)` with `PIDFD_SIGNAL_PROCESS_GROUP`, Linux 6.9 - kills the group that the
/// process leads, or led; no later group of that number can be meant.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(unsafe_code, reason = "neither std nor nix has pidfd_send_signal")]
pub(super) fn kill_group_of(pidfd: BorrowedFd<'_>) -> nix::Result<()> {
    const PROCESS_GROUP: libc::c_uint = 1 << 2;
    let (fd, number) = (pidfd.as_raw_fd(), libc::SIGKILL);
    let info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: the descriptor is open, and without a siginfo_t the call reads no memory.
    let sent =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, number, info, PROCESS_GROUP) };
    Errno::result(sent).map(drop)
}

/// fstatfs(2) - whether pidfds have inodes of their own (Linux 6.9).
///
/// # Errors
///
/// As of [`open`].
#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    clippy::cast_possible_wrap,
    reason = "the width of this field differs from platform to platform"
)]
pub(crate) fn has_pidfd_inodes() -> nix::Result<bool> {
    use nix::sys::statfs::fstatfs;

    /// `PID_FS_MAGIC` of linux/magic.h, "PIDF".
    const PID_FS_MAGIC: i64 = 0x5049_4446;
    Ok(fstatfs(open(getpid())?)?.filesystem_type().0 as i64 == PID_FS_MAGIC)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn open(_pid: Pid) -> nix::Result<OwnedFd> {
    Err(Errno::ENOSYS)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn kill_group_of(_pidfd: BorrowedFd<'_>) -> nix::Result<()> {
    Err(Errno::ENOSYS)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn has_pidfd_inodes() -> nix::Result<bool> {
    Err(Errno::ENOSYS)
}
