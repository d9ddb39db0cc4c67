//! named-lock: flock(2), and a mutex for the threads of one process.

use std::io;
use std::path::Path;

use named_lock::{Error, NamedLock};

use crate::lock::{Lock, Patience, impatient};

pub(super) struct Named(NamedLock);

impl Named {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(NamedLock::with_path(path).map_err(io::Error::other)?))
    }
}

impl Lock for Named {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        let guard = match patience {
            Patience::Once => match self.0.try_lock() {
                Err(Error::WouldBlock) => return Ok(false),
                guard => guard,
            },
            Patience::Forever => self.0.lock(),
            Patience::AtMost(_) => return Err(impatient()),
        };
        let guard = guard.map_err(io::Error::other)?;
        inside();
        drop(guard);
        Ok(true)
    }
}
