//! Handles, by the names that descriptors have elsewhere.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};

/// What can be waited for: an event, or a process.
pub(crate) type OwnedFd = OwnedHandle;
pub(crate) type BorrowedFd<'a> = BorrowedHandle<'a>;

/// [`AsHandle`].
pub(crate) trait AsFd {
    fn as_fd(&self) -> BorrowedFd<'_>;
}

impl<T: AsHandle> AsFd for T {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.as_handle()
    }
}
