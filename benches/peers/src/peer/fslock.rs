//! fslock: flock(2), with the PID in the file while it is held.

use std::io;
use std::path::Path;

use fslock::LockFile;

use crate::lock::{Lock, Patience, impatient};

pub(super) struct Fslock(LockFile);

impl Fslock {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(LockFile::open(path)?))
    }
}

impl Lock for Fslock {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        match patience {
            Patience::Once if !self.0.try_lock_with_pid()? => return Ok(false),
            Patience::Once => {}
            Patience::Forever => self.0.lock_with_pid()?,
            Patience::AtMost(_) => return Err(impatient()),
        }
        inside();
        self.0.unlock()?;
        Ok(true)
    }
}
