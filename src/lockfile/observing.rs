//! Waiting without contending: until somebody else could have the lock.

use std::time::Duration;

use crate::error::{Error, Op, Result, failed};
use crate::file;
use crate::lockfile::Lockfile;
use crate::outcome::{Busy, Obstacle};
use crate::status::{State, Status};
use crate::sys::{self, Mark};
use crate::threads;
use crate::wait::Vigil;

impl Lockfile {
    /// Waits until the lock is free or stale, for at most `limit`, or for as long as it takes; returns
    /// what was seen then. With a limit of zero it looks once.
    ///
    /// Nothing is acquired and nothing is written, so whoever comes next can be somebody else. Nor
    /// does this keep a place in the queue of those who [wait for the lock](Self::lock_timeout): where
    /// one of them is given it at once, the lock was not free. Is [told of](Self::on_wait) like those.
    ///
    /// # Errors
    ///
    /// - [`Error::Timeout`] when the time is over.
    /// - [`Error::AlreadyHeld`], [`Error::Deadlock`]: it would be waited for this value, or for
    ///   another of this thread.
    /// - Those of [`status`](Self::status).
    ///
    /// # Platform-specific behavior
    ///
    /// As of [`lock_timeout`](Self::lock_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tenure::{Error, Lockfile, State};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let backup = Lockfile::new(&path);
    /// match backup.wait_until_free(Some(Duration::from_secs(60))) {
    ///     Ok(status) if status.state() == State::Stale => eprintln!("the backup has crashed"),
    ///     Ok(_) => println!("no backup is running"),
    ///     Err(Error::Timeout { holder, .. }) => eprintln!("still running: {holder:?}"),
    ///     Err(err) => return Err(err),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn wait_until_free(&self, limit: Option<Duration>) -> Result<Status> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.path().to_owned() });
        }
        let path = &*file::absolute(self.path())?;
        let mut vigil = Vigil::apart(limit, self.settings.on_wait.clone());
        let mut open = None;
        loop {
            let mut found = self.protocol.read(&self.settings, open.take())?;
            let file = found.as_mut().and_then(|found| found.file.take());
            let status = Status::found(&*self.protocol, &self.settings, found)?;
            if matches!(status.state(), State::Free | State::Stale | State::Empty) {
                return Ok(status);
            }
            let id = file.as_ref().map(sys::stat).transpose().map_err(failed(Op::Inspect, path))?;
            let obstacle = id.map_or(Obstacle::Record, |stat| Obstacle::Lock(stat.id));
            if matches!(obstacle, Obstacle::Lock(id) if threads::is_own(id)) {
                return Err(Error::Deadlock { path: self.path().to_owned() });
            }
            let holder = status.holder().cloned().map(Box::new);
            if vigil.end(holder.as_deref()).is_some() {
                let limit = limit.unwrap_or_default();
                let obstacle = self.protocol.obstacle(path, file.as_ref());
                let path = self.path().to_owned();
                return Err(Error::Timeout { path, limit, holder, obstacle });
            }
            let file = file.and_then(file::for_another_look);
            let busy = Busy { holder, obstacle, file };
            if !vigil.arm(path, &busy) {
                vigil.sleep(path)?;
            }
            if let Some(file) = &busy.file {
                sys::say(file, Mark::Opens);
            }
            open = busy.file;
        }
    }
}
