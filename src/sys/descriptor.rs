//! What can be waited for: descriptors, or on Windows handles by the same names.

#[cfg(windows)]
pub(crate) use super::windows::as_fd::{AsFd, BorrowedFd, OwnedFd};
#[cfg(not(windows))]
pub(crate) use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
