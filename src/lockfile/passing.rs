//! A lock that goes on in another process.

use std::process::Command;

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

    /// Has the program of `command` inherit the lock, for an upgrade without a moment in which it is
    /// free: that program calls [`inherit`](Self::inherit), and is the holder from then on. `command`
    /// may also replace this process itself ([`exec`](std::os::unix::process::CommandExt::exec)).
    ///
    /// Until then this value is the holder. If the successor dies first, it still is; once the
    /// successor is the holder, this value is inert ([`is_held`](Self::is_held) is false). When it is
    /// *dropped*, or this process ends in whatever way, the lock is not released, but stays with the
    /// successor, also with one that has not inherited yet. [`unlock`](Self::unlock) releases it
    /// nevertheless, and the successor inherits nothing, if it is not the holder already.
    ///
    /// Only the program of `command` gets the descriptor, no other child of this process; but a copy of
    /// it stays open in this process for as long as `command` does. Several lockfiles can be passed to
    /// one program. If one command is started twice, whoever comes first inherits.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] as for [`rebind`](Self::rebind), [`Error::NotHeld`], [`Error::Io`]:
    /// nothing is passed on.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux; elsewhere it is [`Error::Unsupported`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use tenure::{Error, Lockfile};
    /// # use std::process::Command;
    /// let mut lock = Lockfile::acquire("/run/backupd.pid")?;
    /// // … told to upgrade itself …
    /// let mut next = Command::new("/usr/sbin/backupd");
    /// lock.pass_to(&mut next)?;
    /// let mut next = next.spawn().unwrap();
    /// // … told by the next one that it serves …
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pass_to(&mut self, command: &mut Command) -> Result<()> {
        self.own()?.pass_to(command)
    }

    /// Becomes the holder of what this program was [passed](Self::pass_to); returns whether there was
    /// anything. If not, the lock is to be acquired as usual.
    ///
    /// When this returns `Ok(true)`, the lockfile names this process, this value is the only holder,
    /// and nobody was in between. Call it first of all: the descriptor goes on to every program that
    /// is started before. It is only believed that the lock is held if the kernel says so: the
    /// descriptor is of the file that the path names, and is granted what everybody else is refused.
    ///
    /// What says so is the environment variable `TENURE_INHERIT`. It names the very record that its
    /// reader replaces, so that it means nothing any more when that is done: it need not be removed
    /// (`std::env::remove_var` is unsafe, because other threads may read the environment), and the
    /// children of this process may have it.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyHeld`], [`Error::Unsupported`]. [`Error::NotHeld`] if the descriptor has no lock.
    /// [`Error::Io`]: who holds is who held, and this program has closed its copy.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{Error, Lockfile};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let mut lock = Lockfile::new(&path);
    /// if !lock.inherit()? {
    ///     lock.try_lock()?;
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn inherit(&mut self) -> Result<bool> {
        self.prepare()?;
        self.held = self.protocol.inherit(&self.settings)?;
        Ok(self.held.is_some())
    }
}
