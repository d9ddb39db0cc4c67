//! What happens to a name, where nothing tells.

use std::io;
use std::path::Path;

use crate::sys::{AsFd, BorrowedFd};

/// Nothing tells what happens to a name, either.
#[derive(Debug)]
pub(crate) enum NameEvents {}

impl NameEvents {
    pub(crate) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn watch(&mut self, _path: &Path, _closes: bool) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn take(&self) -> bool {
        match *self {}
    }
}

impl AsFd for NameEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
