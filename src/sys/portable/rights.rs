//! Descriptors, where none is sent to another process.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// No lock goes from one process to another here.
pub(crate) fn send_rights(
    _stream: &UnixStream,
    _bytes: &[u8],
    _file: Option<&File>,
) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// As for [`send_rights`].
pub(crate) fn receive_rights(
    _stream: &UnixStream,
    _bytes: &mut [u8],
) -> io::Result<(usize, Vec<OwnedFd>)> {
    Err(io::ErrorKind::Unsupported.into())
}
