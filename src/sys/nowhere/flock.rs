//! Locks on files, of which there are none.

use std::fs::File;
use std::io;

use super::refuse;
use crate::sys::lock_mode::Mode;

pub(crate) const LOCK_NAME: &str = "none";
pub(crate) const CAN_PASS: bool = false;

pub(crate) fn try_lock(_file: &File, _mode: Mode) -> io::Result<bool> {
    refuse()
}

pub(crate) fn block(_file: &File, _mode: Mode) -> io::Result<bool> {
    refuse()
}

pub(crate) fn release(_file: &File) -> io::Result<()> {
    refuse()
}

pub(crate) fn is_shortage(_err: &io::Error) -> bool {
    false
}
