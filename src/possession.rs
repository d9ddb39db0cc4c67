//! A lock that was acquired, as the face knows it.

use std::fmt::Debug;
use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use crate::error::Result;
use crate::holder::Holder;
use crate::lookout::Listener;
use crate::record::Record;

/// A lock that was acquired. Dropping it releases, except in a forked child, whose copy does nothing
/// but close its descriptor.
pub(crate) trait Possession: Debug + Send + Sync {
    /// Absolute.
    fn path(&self) -> &Path;

    /// Whether this process, and not one that forked it or was forked by it, holds the lock.
    fn is_own(&self) -> bool;

    /// The record in the file, if it is ours.
    fn record(&self) -> Option<&Record>;

    fn recovered_from(&self) -> Option<&Holder>;

    fn was_abandoned(&self) -> bool;

    /// Checks that the path still names what we hold, and that it holds what we wrote.
    fn verify(&self) -> Result<()>;

    /// Rewrites the record with another message, or the like. On an error, the record is what it was.
    fn rewrite(&mut self, change: &mut dyn FnMut(&mut Record)) -> Result<()>;

    /// Releases the lock. After `Error::Io` it is still held, and this can be called again.
    fn release(&mut self) -> Result<()>;

    /// Has `listener` told of what others do to the lockfile.
    fn watch(&mut self, listener: Listener) -> Result<()>;

    /// Puts the lockfile back, or our record into it; `mode` is for a new one.
    fn restore(&mut self, mode: u32) -> Result<()>;

    /// From here on the thread that acquired it may wait for it: it is another task's.
    #[cfg(feature = "tokio")]
    fn forget_thread(&mut self);

    /// Makes this process, which was forked by the holder, the holder.
    fn rebind(&mut self) -> Result<()>;

    /// Has the program of `command` inherit the lock.
    fn pass_to(&mut self, command: &mut Command) -> Result<()>;

    /// Makes the peer of `stream`, which receives, the holder.
    #[cfg(unix)]
    fn send_to(&mut self, stream: &UnixStream) -> Result<()>;

    /// Executes `command`, and returns if that failed.
    fn bequeath(&mut self, program: String, command: &mut Command) -> Result<io::Error>;

    /// Has the lock released when a signal ends this process.
    #[cfg(feature = "signals")]
    fn release_on_signals(&mut self) -> Result<()>;
}
