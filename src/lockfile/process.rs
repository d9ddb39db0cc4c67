//! [`HolderProcess`]: to signal the holder, and nobody else.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::{Op, Result, failed};
use crate::file;
use crate::holder::Holder;
use crate::lockfile::Lockfile;
use crate::sys::ProcessHandle;

/// The process that holds a lock, held fast: what is signalled is this process, and never a later
/// one that was given its PID.
///
/// That it still holds the lock when it is signalled nobody can know: it held it when
/// [`Lockfile::holder_process`] returned.
///
/// # Platform-specific behavior
///
/// Linux 5.3 and newer: a pidfd (`pidfd_open(2)`, `pidfd_send_signal(2)`), which also tells of the end.
/// Elsewhere, and in sandboxes without them, the start time of the process is compared immediately
/// before kill(2), which leaves microseconds for its PID to become another's, and its end is looked
/// for twenty times a second.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tenure::Lockfile;
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("backupd.pid");
/// if let Some(process) = Lockfile::new(&path).holder_process()? {
///     println!("stopping {}", process.holder());
///     process.signal(15)?;   // SIGTERM
///     if !process.wait(Some(Duration::from_secs(10)))? {
///         process.signal(9)?;   // SIGKILL
///     }
/// }
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Debug)]
pub struct HolderProcess {
    path: PathBuf,
    holder: Holder,
    process: ProcessHandle,
}

impl Lockfile {
    /// The process that holds the lock, to be [signalled](HolderProcess::signal); `None` if the lock
    /// is free or stale.
    ///
    /// It is proven to be the holder: it has the start time, or the pidfd inode, that the record
    /// says; or, where the record says no more than a PID, the process itself has a lock on the
    /// lockfile (Linux). And whoever could have written the record could signal it anyway: nobody but
    /// the owner of the file may write to that, and the owner is root or the user of the process.
    ///
    /// # Errors
    ///
    /// [`Error::NotSignalled`](crate::Error::NotSignalled) if any of this is not so, if the owner is a
    /// user that this user namespace does not map (`user_namespaces(7)`), and for a holder
    /// on another host or in another PID namespace, for the init process of the machine, and for the
    /// process that asks. Those of [`status`](Self::status).
    pub fn holder_process(&self) -> Result<Option<HolderProcess>> {
        let found = file::holder_process(&*self.protocol, &self.settings)?;
        let path = self.settings.path.clone();
        Ok(found.map(|(holder, process)| HolderProcess { path, holder, process }))
    }
}

impl HolderProcess {
    /// Who it is.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Sends it `signal`, by number; 0 is sent to nobody, and tells whether it could be. Returns
    /// whether the process was there: `false` if it has ended.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io): this user may not signal it, or there is no such signal; or
    /// nothing would tell the process from a later one of its PID. Nothing was sent.
    pub fn signal(&self, signal: i32) -> Result<bool> {
        self.process.signal(signal).map_err(failed(Op::Signal, &self.path))
    }

    /// Waits for the end of the process, for at most `limit`, or for as long as it takes; returns
    /// whether it has ended. (One that has, and whose parent has not asked for its status, counts.)
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io): it cannot be told.
    pub fn wait(&self, limit: Option<Duration>) -> Result<bool> {
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        self.process.wait(until).map_err(failed(Op::Wait, &self.path))
    }
}
