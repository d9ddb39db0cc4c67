//! fd-lock: flock(2) on a file that the caller opens; its write lock is the exclusive one.

use std::fs::File;
use std::io;
use std::path::Path;

use fd_lock::RwLock;

use super::std_file;
use crate::lock::{Lock, Patience, impatient};

pub(super) struct FdLock(RwLock<File>);

impl FdLock {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(RwLock::new(std_file::file(path)?)))
    }
}

impl Lock for FdLock {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        let guard = match patience {
            Patience::Once => match self.0.try_write() {
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                guard => guard?,
            },
            Patience::Forever => self.0.write()?,
            Patience::AtMost(_) => return Err(impatient()),
        };
        inside();
        drop(guard);
        Ok(true)
    }
}
