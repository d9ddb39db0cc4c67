//! What a process has in the semaphore while it has the flock on the lockfile.

use std::fs::File;
use std::io;

use crate::digest::digest;
use crate::sys::{self, NamedSemaphore, Stamp};

/// The semaphore, from the flock on the lockfile to its release.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) semaphore: NamedSemaphore,
    /// That of the lockfile.
    pub(super) stamp: Stamp,
    pub(super) claim: Claim,
}

/// What this process has in the semaphore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Nothing,
    /// A dead holder has left it, and the record in the lockfile proves that.
    Inheritable,
    Taken,
}

/// The stamp of the lockfile `file`, whatever it is called and whichever process has it.
pub(super) fn stamp(file: &File) -> io::Result<Stamp> {
    Ok(Stamp::of(digest(sys::stat(file)?.id.to_string().as_bytes())))
}
