//! The lock that belongs to an open file, and dies with its last handle: one byte of it.

use std::fs::File;
use std::io;

use super::lock_range::Range;
use crate::sys::lock_mode::Mode;

/// What backends call the lock. It is another lock than that of Unix, also on one disk.
pub(crate) const LOCK_NAME: &str = "lockfileex";
/// It belongs to a process as well as to the open file, and no other has it.
pub(crate) const CAN_PASS: bool = false;

/// The byte at 2^62: beyond every record, and beyond the end of every file that a disk can hold.
const LOCK: Range = Range::new(1 << 62, 1);

/// Locks `file` if that takes no waiting; returns whether it is locked now. A lock that `file`
/// already has is converted, and is lost when that fails.
pub(crate) fn try_lock(file: &File, mode: Mode) -> io::Result<bool> {
    // Windows would add to it, and refuse a handle what that has itself.
    release(file)?;
    LOCK.try_lock(file, mode)
}

/// Locks `file`, waiting in the kernel's queue for as long as it takes.
pub(crate) fn block(file: &File, mode: Mode) -> io::Result<bool> {
    release(file)?;
    LOCK.lock(file, mode).map(|()| true)
}

/// Lets go of the lock of the open file.
pub(crate) fn release(file: &File) -> io::Result<()> {
    LOCK.unlock(file).map(drop)
}

/// Windows says nothing of the kind.
pub(crate) fn is_shortage(_err: &io::Error) -> bool {
    false
}
