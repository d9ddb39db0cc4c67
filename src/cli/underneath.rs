//! The lock underneath a lockfile that is to be removed.

use std::path::Path;

use tenure::{Backend, Flock, Hardlink, Lockfile, Semaphore, Status};

use crate::exit::Exit;
use crate::failure::{BUSY, Failure};

/// The lockfile at `path`, with the backend that its record names, and what it says now.
///
/// Each backend has rules of its own for removing a lockfile, so one that is not known here is left
/// alone. Should another holder come with another backend meanwhile, it is not the one that was
/// asked about, and is left alone as well.
pub(crate) fn lockfile(path: &Path) -> Result<(Lockfile, Status), Failure> {
    let lock = Lockfile::new(path);
    let locking = |err| Failure::locking(&err, BUSY);
    let status = lock.status().map_err(locking)?;
    let backend = status.holder().and_then(|holder| holder.record().backend.as_deref());
    let lock = match backend {
        None => return Ok((lock, status)),
        // What is usual on Windows has a name.
        Some(usual) if usual == Flock.name() => return Ok((lock, status)),
        Some("hardlink") => lock.backend(Hardlink),
        Some("semaphore") => lock.backend(Semaphore),
        Some(other) => {
            let (path, other) = (path.display(), other.escape_debug());
            let text =
                format!("{path} is of the backend {other}, which this program does not know");
            return Err(Failure::other(Exit::Unavailable, text));
        }
    };
    let status = lock.status().map_err(locking)?;
    Ok((lock, status))
}
