//! flock(2), fcntl(2) - locks on descriptors that are only known by their number.

use std::os::fd::RawFd;

use nix::errno::Errno;
use nix::libc;

/// flock(2). What signals interrupt, ends.
#[expect(unsafe_code, reason = "nix's safe one owns the file, and unlocks it in the end")]
pub(crate) fn flock(descriptor: RawFd, operation: i32) -> nix::Result<()> {
    // SAFETY: flock touches no memory of ours, and says so where the number is no descriptor.
    Errno::result(unsafe { libc::flock(descriptor, operation) }).map(drop)
}

/// fcntl(2), `F_OFD_SETLK` and `F_OFD_SETLKW` - locks, of the `kind`, all bytes of the file.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(unsafe_code, reason = "nix's safe one wants to know that the descriptor is open")]
pub(crate) fn lock_all_bytes(descriptor: RawFd, kind: i32, at_once: bool) -> nix::Result<()> {
    let short = |number: i32| number.try_into().map_err(|_| Errno::EINVAL);
    let range = libc::flock {
        l_type: short(kind)?,
        l_whence: short(libc::SEEK_SET)?,
        l_start: 0,
        // To the end, wherever that will be.
        l_len: 0,
        l_pid: 0,
    };
    let command = if at_once { libc::F_OFD_SETLK } else { libc::F_OFD_SETLKW };
    // SAFETY: these commands read a `flock`, which outlives the call; a number that is no
    // descriptor is refused.
    let result = unsafe { libc::fcntl(descriptor, command, &raw const range) };
    Errno::result(result).map(drop)
}

/// There are no such locks here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn lock_all_bytes(_descriptor: RawFd, _kind: i32, _at_once: bool) -> nix::Result<()> {
    Err(Errno::EINVAL)
}
