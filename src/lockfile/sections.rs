//! Critical sections: what runs while the lock is held.

use std::time::Duration;

use super::Lockfile;
use crate::error::Result;
use crate::lock::{finish, lock_until_finished};

impl Lockfile {
    /// Runs `section` while holding the lock: [`lock`](Self::lock)s, runs, [`unlock`](Self::unlock)s.
    /// If `section` panics, the lock is released and the panic goes on.
    ///
    /// # Errors
    ///
    /// Those of `lock`; then `section` has not run. Those of `unlock`; then it has, and its result
    /// is dropped: with [`RogueDeletion`](crate::Error::RogueDeletion) it may not have been alone.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("ledger.lock");
    /// let sum = tenure::Lockfile::new(&path).with(|| 2 + 2)?;
    /// assert_eq!(sum, 4);
    /// assert!(!path.exists());
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn with<T>(&mut self, section: impl FnOnce() -> T) -> Result<T> {
        lock_until_finished(self, section)
    }

    /// Runs `section` as [`with`](Self::with) does, but waits for the lock for at most `limit`, as
    /// [`lock_timeout`](Self::lock_timeout) does.
    ///
    /// # Errors
    ///
    /// Those of [`with`](Self::with), and [`Timeout`](crate::Error::Timeout); then `section` has not
    /// run.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure::{Error, Lockfile};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("ledger.lock");
    /// match Lockfile::new(&path).with_timeout(Duration::from_secs(5), || 2 + 2) {
    ///     Ok(sum) => assert_eq!(sum, 4),
    ///     Err(err) if err.is_busy() => eprintln!("not now: {err}"),
    ///     Err(err) => return Err(err),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn with_timeout<T>(&mut self, limit: Duration, section: impl FnOnce() -> T) -> Result<T> {
        self.lock_timeout(limit)?;
        finish(self, section)
    }
}
