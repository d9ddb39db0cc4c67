//! The ways of sharing the lock.

use std::io;
use std::time::Duration;

use super::Lockfile;
use crate::error::{Error, Result};
use crate::sys::Mode;

impl Lockfile {
    /// Shares the lock with others who do, as readers do, if nobody has it alone; does not wait.
    ///
    /// When this returns `Ok`, nobody has the lock alone, and nobody will until all who share it
    /// have let go: by [`unlock`](Self::unlock), dropping, or death. Of those who share, the
    /// lockfile names one; its record is not overwritten by the others, and the last removes the
    /// file. flock(1) with `-s` shares, too.
    ///
    /// # Errors
    ///
    /// Those of [`try_lock`](Self::try_lock); [`Error::Busy`] means that somebody has the lock
    /// alone. [`Error::Unsupported`] if the [backend](Self::backend)'s lock cannot be shared: that
    /// of [`Flock`](crate::Flock) can.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::Lockfile;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("index.lock");
    /// let (mut reader, mut other) = (Lockfile::new(&path), Lockfile::new(&path));
    /// reader.try_lock_shared()?;
    /// other.try_lock_shared()?;
    /// assert!(Lockfile::acquire(&path).unwrap_err().is_busy());
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn try_lock_shared(&mut self) -> Result<()> {
        self.prepare()?;
        self.check_sharing()?;
        self.attempt_at_once(Mode::Shared)
    }

    /// Shares the lock, waiting for as long as it takes, as [`lock`](Self::lock) does.
    ///
    /// # Errors
    ///
    /// Those of [`try_lock_shared`](Self::try_lock_shared), but for `Busy`, and
    /// [`Error::Deadlock`].
    pub fn lock_shared(&mut self) -> Result<()> {
        self.check_sharing()?;
        self.wait(Mode::Shared, None, None)
    }

    /// Shares the lock, waiting for at most `limit`, as [`lock_timeout`](Self::lock_timeout) does.
    ///
    /// # Errors
    ///
    /// Those of [`lock_shared`](Self::lock_shared), and [`Error::Timeout`].
    pub fn lock_shared_timeout(&mut self, limit: Duration) -> Result<()> {
        self.check_sharing()?;
        self.wait(Mode::Shared, Some(limit), None)
    }

    fn check_sharing(&self) -> Result<()> {
        let protocol = &self.protocol;
        if protocol.can_share() {
            return Ok(());
        }
        Err(Error::Unsupported {
            path: self.path().to_owned(),
            backend: protocol.name().to_owned(),
            remedy: "its lock cannot be shared; use one whose lock can, such as flock",
            source: io::ErrorKind::Unsupported.into(),
        })
    }
}
