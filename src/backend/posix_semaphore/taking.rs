//! Taking the semaphore, and giving it back, for the process that has the flock.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

use super::PosixSemaphore;
use super::part::{Claim, Part, stamp};
use crate::backend::{Backend, Flock, Lasting};
use crate::sabotage::{self, Guard};
use crate::sys::{self, NamedSemaphore, Stamp};

impl PosixSemaphore {
    pub(super) fn part(&self) -> MutexGuard<'_, Option<Part>> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller, who has the flock on `file`, could take the semaphore. Makes it if there
    /// is none.
    pub(super) fn examine(&self, file: &File, path: &Path) -> io::Result<bool> {
        let mode = sys::rights(file)?.mode & 0o222;
        let semaphore = NamedSemaphore::open_or_make(&self.semaphore, mode | (mode << 1))
            .map_err(|err| self.explain(&err))?;
        let stamp = stamp(file)?;
        let mut claim = Claim::Nothing;
        if sabotage::without(Guard::RecordFirst) && semaphore.take(stamp)? {
            claim = Claim::Taken;
        } else if !semaphore.is_free()? {
            if !self.inherits(file, path, &semaphore)? {
                return Ok(false);
            }
            claim = Claim::Inheritable;
        }
        *self.part() = Some(Part { semaphore, stamp, claim });
        Ok(true)
    }

    /// Whether a contender that has the flock on `file` could take the semaphore. Makes none.
    pub(super) fn could_take(&self, file: &File, path: &Path) -> io::Result<bool> {
        match NamedSemaphore::open(&self.semaphore) {
            Ok(Some(semaphore)) => {
                Ok(semaphore.is_free()? || self.inherits(file, path, &semaphore)?)
            }
            Ok(None) => Ok(true),
            // To be read it has to be writable, which it is not for every reader of the lockfile.
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied => Ok(true),
            Err(err) => Err(self.explain(&err)),
        }
    }

    /// Gives back what is left to be given back before the flock is let go of.
    pub(super) fn let_go(&self, file: &File, path: &Path) -> io::Result<()> {
        let mut part = self.part();
        if let Some(Part { semaphore, stamp, claim }) = &*part {
            let is_mine = match claim {
                Claim::Nothing => false,
                Claim::Taken => true,
                // While the record is that of the dead holder, the next contender inherits.
                Claim::Inheritable => !self.inherits(file, path, semaphore)?,
            };
            if is_mine {
                semaphore.give_back(*stamp)?;
            }
        }
        // Before the flock: then the next contender may have it, and is the one to note it here.
        *part = None;
        Ok(())
    }

    /// Puts the stamp `new` in the place of `old` on the semaphore that this process has taken.
    pub(super) fn stamp_anew(&self, old: Stamp, new: Stamp) {
        if let Some(part) = self.part().as_mut().filter(|part| part.stamp == old) {
            part.semaphore.stamp_anew(old, new);
            part.stamp = new;
        }
    }
}

impl Lasting for PosixSemaphore {
    fn take(&self, _file: &File, _path: &Path) -> io::Result<bool> {
        let mut part = self.part();
        let Some(Part { semaphore, stamp, claim }) = &mut *part else { return Ok(false) };
        // S1. A dead holder's semaphore has our stamp already. It may be free by now, if another
        // program gave it back that had not taken it.
        let is_left_to_us = || semaphore.is_taken_with(*stamp) || sabotage::without(Guard::Stamp);
        let is_taken = *claim == Claim::Taken
            || semaphore.take(*stamp)?
            || (*claim == Claim::Inheritable && is_left_to_us());
        *claim = if is_taken { Claim::Taken } else { Claim::Nothing };
        Ok(is_taken)
    }

    fn give_back(&self, _file: &File, _path: &Path) -> io::Result<()> {
        let mut part = self.part();
        if let Some(part) = part.as_mut().filter(|part| part.claim != Claim::Nothing) {
            part.semaphore.give_back(part.stamp)?;
            part.claim = Claim::Nothing;
        }
        Ok(())
    }

    fn obstacle(&self, file: &File, path: &Path) -> Option<String> {
        let semaphore = NamedSemaphore::open(&self.semaphore).ok()??;
        if semaphore.is_free().ok()? {
            return None;
        }
        // A holder of this lockfile that lives has the flock as well, and is named by its record.
        if semaphore.is_taken_with(stamp(file).ok()?) && !Flock.look(file, path, &mut || {}).ok()? {
            return None;
        }
        let (name, place) =
            (self.semaphore.to_string_lossy(), sys::semaphore_place(&self.semaphore));
        let place = place.display();
        Some(format!(
            "another program, or a dead one, which has taken the semaphore {name}: `fuser {place}` lists \
             the processes that have it open; if there are none, remove {place}"
        ))
    }
}
