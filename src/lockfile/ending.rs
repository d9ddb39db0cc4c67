//! The end of a process that holds a lock.

use super::Lockfile;
use crate::error::Result;

impl Lockfile {
    /// Has the lock released when TERM, INT or HUP end this process, for as long as this acquisition
    /// is held; then the signal does what it would have done, so that the exit status tells of it.
    ///
    /// Without it, the lock is free just as well, and the next contender finds a record of the dead:
    /// that it [recovered](Self::recovered_from) the lock is not to be told from a crash then.
    ///
    /// A thread releases, not the signal's handler, because a handler may do next to nothing
    /// (signal-safety(7)). The threads of the process go on meanwhile, and do not learn of it: this
    /// is for a process whose work may be cut off. One that has something to finish handles the
    /// signals itself, and unlocks. A signal that is ignored when this is called stays ignored
    /// (nohup(1)). A child that is forked without executing another program has the handler and not
    /// the thread: there these signals do nothing, until it calls this for a lock of its own. Call
    /// it after [`rebind`](Self::rebind).
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`](crate::Error::NotHeld). [`Error::Io`](crate::Error::Io) if there is no
    /// thread, or no handler, to be had.
    ///
    /// # Platform-specific behavior
    ///
    /// Unix. Elsewhere there are no such signals, and it is an [`Error::Io`](crate::Error::Io).
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let mut lock = tenure::Lockfile::acquire(&path)?;
    /// lock.release_on_signals()?;
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn release_on_signals(&mut self) -> Result<()> {
        self.own()?.release_on_signals()
    }
}
