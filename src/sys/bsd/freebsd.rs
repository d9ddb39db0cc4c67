//! What the kernel of FreeBSD tells: sysctl(3).
#![expect(unsafe_code, reason = "nix has no sysctl")]

use std::ffi::CStr;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

use nix::libc;
use nix::unistd::geteuid;

use super::process_description::Description;
use crate::sys::unix::resource_shortage::learned;

/// Not used here: `kern.boottime` moves when the clock is set. Taken for another boot's, a holder
/// would be taken for dead.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn boot_id() -> io::Result<Option<String>> {
    Ok(None)
}

/// hostid(5).
pub(crate) fn machine_id() -> io::Result<Option<String>> {
    let text = learned(fs::read_to_string("/etc/hostid"))?.unwrap_or_default();
    let line = text.trim();
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

/// Whether other users' processes are hidden from this one, for whom kill(2), kqueue(2) and sysctl(3)
/// then say that there are none: `security.bsd.see_other_uids` and its like, which the installer
/// offers to turn off. They do not bind root.
pub(crate) fn hides_others() -> bool {
    let allowed = |name| number(name).is_some_and(|allowed| allowed != 0);
    !geteuid().is_root()
        && !(allowed(c"security.bsd.see_other_uids") && allowed(c"security.bsd.see_other_gids"))
}

/// The process; `None` if there is none, or it may not be looked at.
pub(super) fn describe(pid: u32) -> Option<Description> {
    let pid = i32::try_from(pid).ok()?;
    let before = boot_time()?;
    let path = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, pid];
    let found = ask::<libc::kinfo_proc>(&path)?;
    // The kernel adds the time of the boot to when it started, and moves that time when the clock is
    // set: the difference stays. Between the two questions it may have been set.
    let boot = Some(before).filter(|before| boot_time() == Some(*before));
    let start = boot.and_then(|boot| microseconds(found.ki_start)?.checked_sub(boot));
    let is_zombie = i32::from(found.ki_stat) == i32::from(libc::SZOMB);
    Some(Description { start, is_zombie, users: Some([found.ki_ruid, found.ki_svuid]) })
}

fn boot_time() -> Option<u64> {
    microseconds(ask(&[libc::CTL_KERN, libc::KERN_BOOTTIME])?)
}

fn microseconds(time: libc::timeval) -> Option<u64> {
    let seconds = u64::try_from(time.tv_sec).ok()?;
    seconds.checked_mul(1_000_000)?.checked_add(u64::try_from(time.tv_usec).ok()?)
}

/// sysctlbyname(3) - a number.
fn number(name: &CStr) -> Option<i32> {
    let mut found = 0_i32;
    let mut length = size_of_val(&found);
    let (start, room) = ((&raw mut found).cast(), &raw mut length);
    // SAFETY: the name ends with a NUL, and no more is written than there is room for.
    let answer = unsafe { libc::sysctlbyname(name.as_ptr(), start, room, null_mut(), 0) };
    (answer == 0 && length == size_of_val(&found)).then_some(found)
}

/// A structure of the kernel.
///
/// Not public: `T` has to be one that is valid with whatever the kernel writes.
fn ask<T>(path: &[i32]) -> Option<T> {
    let mut found = MaybeUninit::<T>::uninit();
    let mut length = size_of::<T>();
    let (names, count) = (path.as_ptr(), u32::try_from(path.len()).ok()?);
    let (start, room) = (found.as_mut_ptr().cast(), &raw mut length);
    // SAFETY: there are `count` names, and no more is written than there is room for.
    let answer = unsafe { libc::sysctl(names, count, start, room, null_mut(), 0) };
    if answer != 0 || length != size_of::<T>() {
        return None;
    }
    // SAFETY: all of it was written, and the callers' structures are made of integers and pointers.
    Some(unsafe { found.assume_init() })
}
