//! Removing the lockfile in a dead holder's place, without acquiring it.

use super::{Lockfile, past_readers};
use crate::error::{Error, Result};
use crate::holder::Holder;
use crate::outcome::Removal;
use crate::settings::{Foreign, Settings};

impl Lockfile {
    /// Removes the lockfile if it is stale; returns whether it was. What counts as stale is what
    /// [`try_lock`](Self::try_lock) with the same settings would take, but for a file that was
    /// released in good order: that stays. Whoever tries to lock in the very moment of the removal
    /// is busy, as with any other contender.
    ///
    /// On a network or FUSE file system the file stays, and says that it is released.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] if the file names nobody and nobody has a kernel lock on it: that proves
    /// nothing. [`remove_empty`](Self::remove_empty) has it removed. [`Error::Busy`] if somebody holds the lock, or it cannot be proven that nobody does, and
    /// otherwise those of [`try_lock`](Self::try_lock).
    pub fn release_stale(&self) -> Result<bool> {
        let removal = self.remove(&self.settings, None)?;
        Ok(matches!(removal, Removal::Of(_)))
    }

    /// Removes the lockfile of a holder that is [unproven](crate::Verdict::Unproven), because the
    /// caller knows by other means that it is dead; returns whose it was, or `None` if there was
    /// nothing to remove.
    ///
    /// `incarnation` is [what the record is called](crate::Record::incarnation), from when the
    /// caller made sure: if the lockfile is another's by now, nothing is removed. That is compared
    /// while this process has the lock, so that no contender comes in between. A holder that is
    /// alive, or has the kernel lock, is never removed. A stale one is.
    ///
    /// By [`Hardlink`](crate::Hardlink), this also removes the [claim](crate::Status::claimant) of one
    /// who died while it took over from a dead holder: `incarnation` is then that of the claim's author,
    /// and the lockfile stays. The author that is returned says so: [`Holder::claim`].
    ///
    /// **If the holder is alive after all, it goes on, and there will be two.** It learns of it from
    /// [`verify`](Self::verify), or when it releases. A program that takes no lock (one that writes
    /// bare PID files) can also begin between the comparison and the removal.
    ///
    /// # Errors
    ///
    /// - [`Error::OtherHolder`]: the record is another.
    /// - [`Error::ProcessDead`]: it is of another backend, whose lock may have outlived its holder. With
    ///   most backends that is told first.
    /// - [`Error::Busy`]: the holder is alive, or the lock is taken.
    /// - Otherwise those of [`try_lock`](Self::try_lock). Nothing was removed.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{Error, Lockfile};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// # std::fs::write(&path, "elsewhere.example:4242").unwrap();
    /// let lock = Lockfile::new(&path);
    /// let holder = lock.holder()?.expect("it may run on elsewhere.example");
    /// let incarnation = holder.record().incarnation();
    /// // … an operator looks there, and it does not …
    /// assert!(matches!(lock.break_unproven("0123456789abcdef"), Err(Error::OtherHolder { .. })));
    /// assert_eq!(lock.break_unproven(&incarnation)?.map(|it| it.pid()), Some(4242));
    /// assert!(!path.exists());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn break_unproven(&self, incarnation: &str) -> Result<Option<Holder>> {
        let settings = Settings { foreign: Foreign::Break, named: true, ..self.settings.clone() };
        match self.remove(&settings, Some(incarnation))? {
            Removal::Of(holder) => Ok(holder.map(|holder| *holder)),
            Removal::Nothing => Ok(None),
        }
    }

    fn remove(&self, settings: &Settings, only: Option<&str>) -> Result<Removal> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.settings.path.clone() });
        }
        past_readers(self.path(), || self.protocol.remove(settings, only))?
            .map_err(|busy| self.busy(busy))
    }
}
