//! How far a holder has come, and waiting until it is ready.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::changes::Changes;
use crate::error::{Error, Op, Result, failed};
use crate::file;
use crate::lockfile::Lockfile;
use crate::phase::Phase;
use crate::service;
use crate::settings::Settings;
use crate::status::Status;
use crate::wait::Telling;

impl Lockfile {
    /// Says in the record how far this holder has come. For the acquisitions to come,
    /// [`phase`](Self::phase) does: each begins anew.
    ///
    /// Of those who [share](Self::try_lock_shared) the lock, the lockfile tells what one says. The
    /// formats without JSON tell nothing of it.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`]; [`Error::Io`]: the record is what it was, but for [`Op::Notify`]: the record
    /// says it, and the service manager was not told.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{Lockfile, Phase};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let mut lock = Lockfile::new(&path).phase(Phase::Starting);
    /// lock.try_lock()?;
    /// // … listen, load, …
    /// lock.set_phase(Phase::Ready)?;
    /// assert!(Lockfile::new(&path).status()?.is_ready());
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn set_phase(&mut self, phase: Phase) -> Result<()> {
        self.own()?.rewrite(&mut |record| record.phase = Some(phase))?;
        self.notify(Some(phase), self.settings.message.as_deref())
    }

    /// Tells the service manager, if it is to be told, of what the record says already: whoever it
    /// starts next finds the record.
    pub(super) fn notify(&self, phase: Option<Phase>, message: Option<&str>) -> Result<()> {
        if !self.settings.notify_systemd {
            return Ok(());
        }
        service::notify(phase, message).map_err(failed(Op::Notify, self.path()))
    }

    /// Waits until there is a live holder that says that it is [ready](Phase::Ready), for at most
    /// `limit`, or for as long as it takes; returns what was seen then. With a limit of zero it looks
    /// once.
    ///
    /// A lock that is free or stale is waited for as well: its holder is yet to come, and so may be
    /// the directory of the lockfile. Nothing is acquired and nothing is written. Is
    /// [told of](Self::on_wait) like the waits for a lock, with no holder where there is none.
    ///
    /// # Errors
    ///
    /// - [`Error::NotReady`] when the time is over.
    /// - [`Error::AlreadyHeld`]: it would wait for this value.
    /// - Those of [`status`](Self::status).
    ///
    /// # Platform-specific behavior
    ///
    /// As of [`Changes`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use tenure::{Error, Lockfile, Phase};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// # let mut lock = Lockfile::new(&path).phase(Phase::Ready);
    /// # lock.try_lock()?;
    /// match Lockfile::new(&path).wait_until_ready(Some(Duration::from_secs(10))) {
    ///     Ok(status) => println!("it serves: {status}"),
    ///     Err(err @ Error::NotReady { .. }) => eprintln!("{err}"),
    ///     Err(err) => return Err(err),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn wait_until_ready(&self, limit: Option<Duration>) -> Result<Status> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.path().to_owned() });
        }
        let path = file::absolute(self.path())?.into_owned();
        let mut changes =
            Changes::of(Arc::clone(&self.protocol), Settings { path, ..self.settings.clone() });
        let mut telling = Telling::new(self.settings.on_wait.clone());
        let began = Instant::now();
        let deadline = limit.and_then(|limit| began.checked_add(limit));
        let mut holder = None;
        loop {
            let until = deadline.into_iter().chain(telling.due(began)).min();
            let change = changes.change(until)?;
            let is_over = change.is_none() && deadline.is_some_and(|end| end <= Instant::now());
            match change {
                Some(status) if status.is_ready() => return Ok(status),
                Some(status) => holder = status.into_holder(),
                None => {}
            }
            telling.tell(holder.as_ref(), began.elapsed());
            if is_over {
                let (limit, holder) = (limit.unwrap_or_default(), holder.map(Box::new));
                return Err(Error::NotReady { path: self.path().to_owned(), limit, holder });
            }
        }
    }
}
