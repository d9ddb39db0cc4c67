//! What calls of Windows answer.
#![expect(unsafe_code, reason = "windows-sys does not have all calls")]

use std::io;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, NTSTATUS, STATUS_DELETE_PENDING};
use windows_sys::core::BOOL;

/// The error of the last call, if it was refused.
pub(super) fn check(granted: BOOL) -> io::Result<()> {
    if granted == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether `err` is the error of that number.
pub(super) fn is(err: &io::Error, number: u32) -> bool {
    err.raw_os_error() == i32::try_from(number).ok()
}

/// Whether the last call of this thread failed with `err` because the file is being removed: its
/// name is still there, until the last handle is closed, and nobody can open it.
///
/// Windows calls it a want of rights. The status beneath that tells the difference.
pub(super) fn is_being_removed(err: &io::Error) -> bool {
    // SAFETY: reads a number of this thread's.
    is(err, ERROR_ACCESS_DENIED) && unsafe { RtlGetLastNtStatus() } == STATUS_DELETE_PENDING
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn RtlGetLastNtStatus() -> NTSTATUS;
}
