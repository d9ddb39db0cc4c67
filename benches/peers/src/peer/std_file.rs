//! [`File::lock`] of std: flock(2) on Linux.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use crate::lock::{Lock, Patience, impatient};

pub(super) struct Std(File);

impl Std {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(file(path)?))
    }
}

/// A file to lock, created where there is none.
pub(super) fn file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

impl Lock for Std {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        match patience {
            Patience::Once => match self.0.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(false),
                Err(TryLockError::Error(err)) => return Err(err),
            },
            Patience::Forever => self.0.lock()?,
            Patience::AtMost(_) => return Err(impatient()),
        }
        inside();
        self.0.unlock()?;
        Ok(true)
    }
}
