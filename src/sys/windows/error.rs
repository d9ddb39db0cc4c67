//! What calls of Windows answer.
#![expect(unsafe_code, reason = "windows-sys does not have all calls")]

use std::io;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_FUNCTION, ERROR_INVALID_LEVEL, ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED, NTSTATUS, STATUS_DELETE_PENDING,
};
use windows_sys::core::BOOL;

/// The error of the last call, if it was refused.
pub(super) fn check(granted: BOOL) -> io::Result<()> {
    if granted == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether `err` is the error of that number.
pub(super) fn is(err: &io::Error, number: u32) -> bool {
    err.raw_os_error() == i32::try_from(number).ok()
}

/// Whether the system, the file system or a server does not know what it was asked for. They say so
/// in different ways: FAT and exFAT call the parameter wrong.
pub(super) fn is_unknown(err: &io::Error) -> bool {
    [ERROR_INVALID_PARAMETER, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_INVALID_LEVEL]
        .iter()
        .any(|number| is(err, *number))
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
