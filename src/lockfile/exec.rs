//! Becoming another program that holds the lock.

use std::convert::Infallible;
use std::path::Path;
use std::process::Command;

use super::Lockfile;
use crate::error::{Op, Result, failed};
use crate::identity::shorten;

impl Lockfile {
    /// Replaces the program of this process by `command`, which holds the lock from then on, until it
    /// has ended: no wrapper is left that could be killed in its place. Returns only if that failed.
    ///
    /// The process is the one that the record names, and is judged and found as before. The lock is
    /// in a descriptor that `command` inherits, and needs to know nothing of: its number is 300 or
    /// more, where scripts do not reach it unawares. The lock goes on for as long
    /// as `command`, *or a child that it leaves behind*, has that open, as with flock(1); whoever
    /// closes all descriptors lets go of it, and then its record speaks for it. A `command` that does
    /// know of it, or one of its children, can [inherit](Self::inherit) the lock.
    ///
    /// Nobody is left to remove the lockfile. It is stale when `command` has ended, however it ends,
    /// and recovered by the next.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) with [`Op::Execute`], if there is no such program, or it cannot
    /// be executed. [`Error::NotHeld`](crate::Error::NotHeld). [`Error::Unsupported`](crate::Error::Unsupported)
    /// for backends whose lock is not in the file; [`Flock`](crate::Flock) is. The lock is still held
    /// by this value, but `command` may have changed what it is to change of this process, as
    /// [`CommandExt::exec`](std::os::unix::process::CommandExt::exec) says.
    ///
    /// # Platform-specific behavior
    ///
    /// Windows cannot replace the program of a process: there it is an error, and nothing has changed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::process::Command;
    /// use tenure::Lockfile;
    ///
    /// let mut lock = Lockfile::acquire("/run/backupd.pid")?;
    /// let Err(err) = lock.exec(Command::new("backupd").arg("--foreground"));
    /// eprintln!("{err}");
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn exec(&mut self, command: &mut Command) -> Result<Infallible> {
        let program = Path::new(command.get_program()).to_owned();
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let err = self.own()?.bequeath(shorten(name), command)?;
        Err(failed(Op::Execute, &program)(err))
    }
}
