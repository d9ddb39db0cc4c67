//! What the kernel of macOS tells: `proc_pidinfo`, and sysctl(3).
#![expect(unsafe_code, reason = "nix has neither")]

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

use nix::libc;

use super::process_description::Description;

/// `kern.bootsessionuuid`: random, made at boot.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn boot_id() -> io::Result<Option<String>> {
    Ok(text(c"kern.bootsessionuuid"))
}

/// `kern.uuid` is that of the kernel's build, and gethostuuid(2) may not be used by programs in the
/// App Store: not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn machine_id() -> io::Result<Option<String>> {
    Ok(None)
}

/// The process; `None` if there is none, or it may not be looked at. Its start is a time of the
/// calendar, which does not change when the clock is set.
pub(super) fn describe(pid: u32) -> Option<Description> {
    let pid = i32::try_from(pid).ok()?;
    let dead = || Some(Description { is_zombie: true, ..describe_own(pid, true)? });
    describe_own(pid, false).or_else(dead).or_else(|| describe_any(pid))
}

/// `PROC_PIDTBSDINFO` - a process of this user's, or any for root; with `dead`, also one whose last
/// thread has ended, and which is about to wait to be reaped, or does. (The kernel's
/// `bsd/kern/proc_info.c`. For kill(2) such a process is there.)
fn describe_own(pid: i32, dead: bool) -> Option<Description> {
    let mut found = MaybeUninit::<libc::proc_bsdinfo>::uninit();
    let size = i32::try_from(size_of_val(&found)).ok()?;
    let start = found.as_mut_ptr().cast();
    // SAFETY: the kernel writes no more than `size` bytes.
    let written =
        unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, dead.into(), start, size) };
    if written != size {
        return None;
    }
    // SAFETY: all of it was written, and it is made of integers.
    let found = unsafe { found.assume_init() };
    let start = microseconds(found.pbi_start_tvsec, found.pbi_start_tvusec);
    let is_zombie = found.pbi_status == libc::SZOMB;
    Some(Description { start, is_zombie, users: Some([found.pbi_ruid, found.pbi_svuid]) })
}

/// The beginning of `struct kinfo_proc`, on 64 bits (sys/sysctl.h and sys/proc.h of the system, where
/// it is called `extern_proc`).
#[repr(C)]
struct Beginning {
    /// `p_starttime`, the same that [`describe_own`] finds.
    start: libc::timeval,
    pointers: [u64; 2],
    flag: i32,
    stat: i8,
    pid: i32,
}

/// `KERN_PROC_PID` of sysctl(3) - a process of whatever user, as ps(1) lists it.
fn describe_any(pid: i32) -> Option<Description> {
    /// `sizeof(struct kinfo_proc)`.
    const SIZE: usize = 648;
    let mut path = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, pid];
    let mut found = [0_u64; SIZE / 8];
    let mut length = SIZE;
    let (names, count) = (path.as_mut_ptr(), u32::try_from(path.len()).ok()?);
    let (start, room) = (found.as_mut_ptr().cast(), &raw mut length);
    // SAFETY: there are `count` names, and no more is written than there is room for.
    let answer = unsafe { libc::sysctl(names, count, start, room, null_mut(), 0) };
    if answer != 0 || length != SIZE {
        return None;
    }
    // SAFETY: there is that much of it, aligned, and it is made of integers.
    let found = unsafe { found.as_ptr().cast::<Beginning>().read() };
    // Were it made otherwise, its PID would lie elsewhere.
    if found.pid != pid {
        return None;
    }
    let seconds = u64::try_from(found.start.tv_sec).ok()?;
    let start = microseconds(seconds, u64::try_from(found.start.tv_usec).ok()?);
    Some(Description {
        start,
        is_zombie: u32::try_from(found.stat) == Ok(libc::SZOMB),
        users: None,
    })
}

fn microseconds(seconds: u64, rest: u64) -> Option<u64> {
    seconds.checked_mul(1_000_000)?.checked_add(rest)
}

/// sysctlbyname(3) - a text of less than a hundred bytes.
fn text(name: &CStr) -> Option<String> {
    let mut bytes = [0_u8; 100];
    let mut length = bytes.len();
    let (start, room) = (bytes.as_mut_ptr().cast(), &raw mut length);
    // SAFETY: the name ends with a NUL, and no more is written than there is room for.
    if unsafe { libc::sysctlbyname(name.as_ptr(), start, room, null_mut(), 0) } != 0 {
        return None;
    }
    let text = CStr::from_bytes_until_nul(bytes.get(..length)?).ok()?.to_str().ok()?;
    (!text.is_empty()).then(|| text.to_owned())
}
