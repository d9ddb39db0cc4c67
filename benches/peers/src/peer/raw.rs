//! flock(2) by bare system calls, on a file that stays.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::libc;

use crate::lock::{Lock, Patience};
use crate::sys;

pub(super) struct Raw(OwnedFd);

impl Raw {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(sys::open(path)?))
    }
}

impl Lock for Raw {
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        let locked = match patience {
            Patience::Once => sys::flock(&self.0, libc::LOCK_EX | libc::LOCK_NB),
            Patience::Forever => sys::flock(&self.0, libc::LOCK_EX),
            // As flock(1) does for -w: an alarm interrupts the waiting.
            Patience::AtMost(limit) => {
                sys::alarm(limit)?;
                let locked = sys::flock(&self.0, libc::LOCK_EX);
                sys::no_alarm()?;
                locked
            }
        };
        match locked {
            Ok(()) => {}
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => return Ok(false),
            Err(err) => return Err(err),
        }
        inside();
        sys::flock(&self.0, libc::LOCK_UN)?;
        Ok(true)
    }
}
