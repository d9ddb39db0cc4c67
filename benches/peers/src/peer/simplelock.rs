//! simplelock's file lock: flock(2), with a PID and a UUID in the file.

use std::io;
use std::path::{Path, PathBuf};

use simplelock::{ConcreteLock, FileLock, SimpleLockError};

use crate::lock::{Lock, Patience, impatient};

pub(super) struct Simple(PathBuf);

impl Simple {
    pub(super) fn open(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Lock for Simple {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        // Its own name for a place is `default_lock`, which is in /tmp; the path has to be ours.
        let mut lock = FileLock::new(&self.0).map_err(io::Error::other)?;
        let locked = match patience {
            Patience::Once => lock.try_lock(),
            Patience::Forever => lock.hang_lock(),
            Patience::AtMost(_) => return Err(impatient()),
        };
        match locked {
            Ok(()) => {}
            // Its `AlreadyLocked` is never returned: 0.4.1 has one error for all that it did not
            // expect, and the refusal is among that.
            Err(SimpleLockError::UnknownError(kind)) if kind == "WouldBlock" => return Ok(false),
            Err(err) => return Err(io::Error::other(err)),
        }
        inside();
        lock.try_unlock().map_err(io::Error::other)?;
        // 0.4.1 unlocks only what it does not hold; closing the file is what releases.
        drop(lock);
        Ok(true)
    }
}
