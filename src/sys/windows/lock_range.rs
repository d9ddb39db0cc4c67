//! `LockFileEx`, `UnlockFileEx` - locks on ranges of bytes, which need not be in the file.
//!
//! Such a lock belongs to the handle that it was taken by, and goes when that is closed, which
//! every death does. It is mandatory: nobody else can read what is locked. So what is locked here is
//! far beyond every record.
#![expect(unsafe_code, reason = "std locks all bytes of a file, and the record with them")]

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_FUNCTION, ERROR_IO_PENDING, ERROR_LOCK_VIOLATION, ERROR_NOT_LOCKED,
    ERROR_NOT_SUPPORTED,
};
use windows_sys::Win32::Storage::FileSystem::{
    LOCK_FILE_FLAGS, LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{GetOverlappedResult, OVERLAPPED};

use super::error::{check, is};
use crate::sys::lock_mode::Mode;

/// Some bytes of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    start: u64,
    length: u64,
}

impl Range {
    pub(super) const fn new(start: u64, length: u64) -> Self {
        Self { start, length }
    }

    /// Locks it if that takes no waiting; whether it is locked now.
    pub(super) fn try_lock(self, file: &File, mode: Mode) -> io::Result<bool> {
        match self.take(file, mode, LOCKFILE_FAIL_IMMEDIATELY) {
            Ok(()) => Ok(true),
            // The latter of a handle that was opened to be used without waiting.
            Err(err) if is(&err, ERROR_LOCK_VIOLATION) || is(&err, ERROR_IO_PENDING) => Ok(false),
            Err(err) => Err(err),
        }
    }

    /// Locks it, waiting for as long as it takes.
    pub(super) fn lock(self, file: &File, mode: Mode) -> io::Result<()> {
        self.take(file, mode, 0)
    }

    fn take(self, file: &File, mode: Mode, flags: LOCK_FILE_FLAGS) -> io::Result<()> {
        let flags = match mode {
            Mode::Exclusive => flags | LOCKFILE_EXCLUSIVE_LOCK,
            Mode::Shared => flags,
        };
        let mut place = self.place();
        let (handle, (low, high)) = (file.as_raw_handle(), halves(self.length));
        // SAFETY: the handle is open, and `place` outlives the request: it is waited for below.
        match check(unsafe { LockFileEx(handle, flags, 0, low, high, &raw mut place) }) {
            Err(err) if is(&err, ERROR_IO_PENDING) && flags & LOCKFILE_FAIL_IMMEDIATELY == 0 => {}
            result => return result.map_err(explain),
        }
        let mut bytes = 0;
        // SAFETY: `place` is that of the request, and `bytes` is ours to write to.
        check(unsafe { GetOverlappedResult(handle, &raw const place, &raw mut bytes, 1) })
            .map_err(explain)
    }

    /// Lets go of it; whether this handle had it.
    pub(super) fn unlock(self, file: &File) -> io::Result<bool> {
        let mut place = self.place();
        let (handle, (low, high)) = (file.as_raw_handle(), halves(self.length));
        // SAFETY: the handle is open, and the call does not return before it is done.
        match check(unsafe { UnlockFileEx(handle, 0, low, high, &raw mut place) }) {
            Ok(()) => Ok(true),
            // The latter under Wine.
            Err(err) if is(&err, ERROR_NOT_LOCKED) || is(&err, ERROR_LOCK_VIOLATION) => Ok(false),
            Err(err) => Err(explain(err)),
        }
    }

    fn place(self) -> OVERLAPPED {
        let mut place = OVERLAPPED::default();
        let (low, high) = halves(self.start);
        place.Anonymous.Anonymous.Offset = low;
        place.Anonymous.Anonymous.OffsetHigh = high;
        place
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is to be cut in two")]
fn halves(number: u64) -> (u32, u32) {
    (number as u32, (number >> 32) as u32)
}

fn explain(err: io::Error) -> io::Error {
    if is(&err, ERROR_INVALID_FUNCTION) || is(&err, ERROR_NOT_SUPPORTED) {
        return io::Error::new(io::ErrorKind::Unsupported, err);
    }
    err
}
