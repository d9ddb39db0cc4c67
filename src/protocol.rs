//! The seam between a [`Lockfile`](crate::Lockfile) and the way in which it is locked.
//!
//! The face knows these two traits. A protocol knows nothing of the face, and nothing of another protocol.

use std::fmt::Debug;
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use crate::backend::{Backend, Primitive, Queue};
use crate::error::Result;
use crate::holder::Holder;
use crate::lookout::Listener;
use crate::outcome::{Approach, Attempt, Busy, Found, Known, Removal};
use crate::record::Record;
use crate::settings::Settings;

/// How a lockfile is acquired, read and removed.
pub(crate) trait Protocol: Debug + Send + Sync {
    /// The name that errors give it.
    fn name(&self) -> &str;

    /// What a record is judged by of the lock.
    fn primitive(&self) -> Primitive<'_>;

    /// What it offers to those who wait.
    fn queue(&self) -> Queue {
        Queue::None
    }

    /// Whether many can share the lock.
    fn can_share(&self) -> bool {
        false
    }

    /// Whether each look opens the lockfile anew.
    fn reopens(&self) -> bool {
        false
    }

    /// What stands in the way besides a holder of the lockfile; `file` is the lockfile, if it is open.
    fn obstacle(&self, _path: &Path, _file: Option<&File>) -> Option<String> {
        None
    }

    /// The lock beneath the record, if there is one.
    #[cfg_attr(not(feature = "conformance"), expect(dead_code, reason = "the suite asks for it"))]
    fn backend(&self) -> Option<&dyn Backend> {
        None
    }

    /// Tries to acquire the lockfile at the absolute `path`.
    fn attempt(
        &self,
        settings: &Settings,
        path: &Path,
        approach: Approach,
        known: Known,
    ) -> Result<Attempt>;

    /// Reads and judges the lockfile, without disturbing holder or contenders. `None`: there is none.
    /// `open`: what it was at an earlier look, to be read again without closing it.
    fn read(&self, settings: &Settings, open: Option<File>) -> Result<Option<Found>>;

    /// Removes a lockfile that could be acquired with these settings, unless it was released; if `only`
    /// is given, only that incarnation.
    fn remove(&self, settings: &Settings, only: Option<&str>) -> Result<Result<Removal, Busy>>;

    /// Takes over what this program has inherited; `None` if that is nothing, or nothing any more.
    fn inherit(&self, settings: &Settings) -> Result<Option<Box<dyn Possession>>>;

    /// Receives the lock from the peer of `stream`.
    #[cfg(unix)]
    fn receive_from(&self, settings: &Settings, stream: &UnixStream)
    -> Result<Box<dyn Possession>>;
}

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
