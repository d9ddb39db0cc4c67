//! Leases on files (`F_SETLEASE` of fcntl(2)) that other programs have.

use std::fs;
use std::io;
use std::time::Duration;

/// Whether an open was refused because somebody has a lease on the file (Samba and the NFS
/// server take such), who is asked to give it up now.
pub(crate) fn is_leased(err: &io::Error) -> bool {
    err.kind() == io::ErrorKind::WouldBlock
}

/// For how long the kernel waits at most for the end of a lease: `/proc/sys/fs/lease-break-time`, 45 s
/// unless somebody changed it (`proc_sys_fs(5)`).
pub(crate) fn lease_break_time() -> Duration {
    let seconds = fs::read_to_string("/proc/sys/fs/lease-break-time").ok();
    let seconds = seconds.and_then(|seconds| seconds.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(45))
}
