//! A line between two threads, or two processes, that both can speak and hear on.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

/// One end.
pub(crate) type Line = UnixStream;

/// The two ends.
pub(crate) fn line() -> io::Result<(Line, Line)> {
    UnixStream::pair()
}

/// Starts `command` with the other end.
pub(crate) fn spawn_with_line(command: &mut Command) -> io::Result<(Line, Child)> {
    let (ours, theirs) = line()?;
    let child = command.stdin(Stdio::from(OwnedFd::from(theirs))).spawn()?;
    Ok((ours, child))
}

/// The end that whoever has started this process gave it.
pub(crate) fn own_line() -> io::Result<Line> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}
