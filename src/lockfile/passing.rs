//! A lock that goes on in another process.

use super::Lockfile;
use crate::error::{Error, Result};

impl Lockfile {
    /// Makes this process the holder of what the process that forked it has acquired: for a daemon,
    /// whose PID is known only after the last fork.
    ///
    /// When this returns `Ok`, the lockfile names this process, and it is for this value to release
    /// the lock; the parent's value is inert from that moment on, and neither removes the file nor
    /// unlocks it when it is dropped. The lock is never free in between. In the process that holds
    /// it already, this does nothing.
    ///
    /// Only one of several children that try becomes the holder. If the parent has released the
    /// lock first, none does. A child that dies half way leaves the lock with the parent.
    ///
    /// An init system of the old kind (`Type=forking`, `PIDFile=` of systemd.service(5)) reads the
    /// file as soon as the first process exits: so the daemon rebinds, tells its parents (by a pipe),
    /// and then they exit. How they do, by `exit`, `_exit` or by returning from `main`, is of no
    /// importance. `examples/daemonize.rs` does it.
    ///
    /// What [`on_lost`](Self::on_lost) was asked for is asked in the parent: ask again.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`]: the lock was released, or another child is the holder; the copy of the
    /// descriptor is closed. [`Error::RogueDeletion`] if the path leads elsewhere by now.
    /// [`Error::Unsupported`]: it cannot go over to another process; the parent still holds it. That
    /// is so
    ///
    /// - for the lock of [`Semaphore`](crate::Semaphore), which the kernel takes back when the process
    ///   that took it ends; of [`Hardlink`](crate::Hardlink), which ends with the process in the
    ///   record; of [`Memory`](crate::Memory), of which a child has a world of its own; and of a
    ///   [`Callback`](crate::Callback), of which nothing is known. That of [`Flock`](crate::Flock) and
    ///   [`PosixSemaphore`](crate::PosixSemaphore) can;
    /// - for a lock that is [shared](Self::try_lock_shared);
    /// - on network and FUSE file systems.
    ///
    /// [`Error::Io`]: the parent still holds it. This process has to be able to write to the
    /// file: rebind before giving up the right to.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux; elsewhere it is [`Error::Unsupported`]. As everything but a few system calls, it is for
    /// the child of a process that had no other threads when it forked (fork(2)).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use tenure::{Error, Lockfile};
    /// # fn double_fork() {}
    /// let mut lock = Lockfile::acquire("/run/backupd.pid")?;   // busy is told on the terminal
    /// double_fork();
    /// lock.rebind()?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn rebind(&mut self) -> Result<()> {
        let Some(held) = &mut self.held else { return Err(self.not_held()) };
        let result = held.rebind();
        if let Err(Error::NotHeld { .. }) = result {
            // It would go on only in this copy of the descriptor, which nobody would look for.
            self.held = None;
        }
        result
    }
}
