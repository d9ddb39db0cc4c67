//! Waiting in a task of tokio (feature `tokio`).

use super::Lockfile;
use super::waiting::{Contest, Look, Thread};
use crate::error::Result;
use crate::sys::Mode;

impl Lockfile {
    /// Acquires the lock, waiting for as long as it takes, while the thread serves other tasks.
    ///
    /// Waits as [`lock_timeout`](Self::lock_timeout) does, with the same order of coming. Dropping
    /// the future ends the wait: nothing is held, no thread and no place in the queue is left, and
    /// no descriptor but at most one, which this value keeps for its next wait and closes when it
    /// is dropped (which can take 20 ms: the kernel is slow to close inotify). A future that is not
    /// polled any more, and not dropped, holds up those who wait behind it for a second.
    ///
    /// # Errors
    ///
    /// Those of [`try_lock`](Self::try_lock), but for `Busy`. Never
    /// [`Deadlock`](crate::Error::Deadlock): the holder can be another task of this thread.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, and in one whose I/O driver is not enabled.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux and Android only.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure::Lockfile;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("ledger.lock");
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    /// # runtime.block_on(async {
    /// let mut lock = Lockfile::new(&path);
    /// lock.lock_async().await?;
    ///
    /// let mut other = Lockfile::new(&path);
    /// let limit = Duration::from_millis(10);
    /// assert!(tokio::time::timeout(limit, other.lock_async()).await.is_err(), "it took too long");
    ///
    /// lock.unlock()?;
    /// other.lock_async().await?;
    /// # Ok::<(), tenure::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn lock_async(&mut self) -> Result<()> {
        let mut contest = Contest::begin(self, Mode::Exclusive, None, None)?;
        loop {
            match contest.look(Thread::GoesOn)? {
                Look::Acquired => {
                    contest.forget_thread();
                    return Ok(());
                }
                Look::Again => {}
                Look::Sleep => contest.doze().await?,
            }
        }
    }
}
