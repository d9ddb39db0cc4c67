//! What the kernel of macOS tells: `proc_pidinfo`, and sysctl(3).
#![expect(unsafe_code, reason = "nix has neither")]

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

use nix::libc;

use super::process::Description;

/// `kern.bootsessionuuid`: random, made at boot.
pub(crate) fn boot_id() -> Option<String> {
    text(c"kern.bootsessionuuid")
}

/// `kern.uuid` is that of the kernel's build, and gethostuuid(2) may not be used by programs in the
/// App Store: not known here.
pub(crate) fn machine_id() -> Option<String> {
    None
}

/// The process; `None` if there is none, or it may not be looked at. Its start is a time of the
/// calendar, which does not change when the clock is set.
pub(super) fn describe(pid: u32) -> Option<Description> {
    let pid = i32::try_from(pid).ok()?;
    let mut found = MaybeUninit::<libc::proc_bsdinfo>::uninit();
    let size = i32::try_from(size_of_val(&found)).ok()?;
    let start = found.as_mut_ptr().cast();
    // SAFETY: the kernel writes no more than `size` bytes.
    let written = unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, start, size) };
    if written != size {
        return None;
    }
    // SAFETY: all of it was written, and it is made of integers.
    let found = unsafe { found.assume_init() };
    let start = found.pbi_start_tvsec.checked_mul(1_000_000)?.checked_add(found.pbi_start_tvusec);
    let is_zombie = found.pbi_status == libc::SZOMB;
    Some(Description { start, is_zombie, users: [found.pbi_ruid, found.pbi_svuid] })
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
