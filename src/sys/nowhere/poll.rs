//! Waiting, for which there is nothing.

use std::io;
use std::time::Instant;

use super::refuse;
use crate::sys::BorrowedFd;

pub(crate) fn poll(_fds: &[BorrowedFd<'_>], _until: Option<Instant>) -> io::Result<()> {
    refuse()
}
