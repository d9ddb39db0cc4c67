//! What happens to a file, where nothing tells.

use std::io;
use std::path::Path;

use crate::sys::interest::Interest;
use crate::sys::{AsFd, BorrowedFd, OwnedFd};

/// Nothing tells what happens to a file: whoever waits looks again and again.
#[derive(Debug)]
pub(crate) enum FileEvents {}

impl FileEvents {
    pub(crate) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn is_own(&self) -> bool {
        match *self {}
    }

    pub(crate) fn into_fd(self) -> OwnedFd {
        match self {}
    }

    pub(crate) fn from_fd(_fd: OwnedFd) -> Option<Self> {
        None
    }

    pub(crate) fn watch<'a>(
        &mut self,
        _paths: impl IntoIterator<Item = (&'a Path, Interest)>,
    ) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn take(&self) -> bool {
        match *self {}
    }
}

impl AsFd for FileEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
