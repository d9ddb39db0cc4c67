//! pidlock: a file created exclusively, with a PID that is looked at when it exists.
//!
//! It has nothing to wait with, and is not let contend: it takes the file that another one has
//! created, and not yet written its PID to, for stale.

use std::io;
use std::path::{Path, PathBuf};

use pidlock::{Pidlock, PidlockError};

use crate::lock::{Lock, Patience, impatient};

pub(super) struct Pid(PathBuf);

impl Pid {
    pub(super) fn open(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Lock for Pid {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        if patience != Patience::Once {
            return Err(impatient());
        }
        let mut lock = Pidlock::new_validated(&self.0).map_err(io::Error::other)?;
        match lock.acquire() {
            Ok(()) => {}
            Err(PidlockError::LockExists) => return Ok(false),
            Err(err) => return Err(io::Error::other(err)),
        }
        inside();
        lock.release().map_err(io::Error::other)?;
        Ok(true)
    }
}
