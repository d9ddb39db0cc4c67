//! tenure.

use std::io;
use std::path::Path;

use tenure::{Error, Lockfile};

use crate::lock::{Lock, Patience};

pub(super) struct Tenure(Lockfile);

impl Tenure {
    pub(super) fn open(path: &Path, keep_file: bool) -> Self {
        Self(Lockfile::new(path).keep_file(keep_file))
    }
}

impl Lock for Tenure {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        let locked = match patience {
            Patience::Once => self.0.try_lock(),
            Patience::Forever => self.0.lock(),
            Patience::AtMost(limit) => self.0.lock_timeout(limit),
        };
        match locked {
            Ok(()) => {}
            Err(Error::Busy { .. } | Error::Timeout { .. }) => return Ok(false),
            Err(err) => return Err(io::Error::other(err)),
        }
        inside();
        self.0.unlock().map_err(io::Error::other)?;
        Ok(true)
    }
}
