//! The seam between a [`Lockfile`](crate::Lockfile) and the way in which it is locked.
//!
//! The face knows this trait and [`Possession`]. A protocol knows nothing of the face, and nothing of
//! another protocol.

use std::fmt::Debug;
use std::fs::File;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::backend::{Backend, Primitive, Queue};
use crate::error::Result;
use crate::outcome::{Approach, Attempt, Busy, Found, Known, Removal};
use crate::possession::Possession;
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
