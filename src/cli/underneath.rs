//! The lock underneath a lockfile that is to be removed.

use std::path::Path;

use tenure::internals::posix_semaphore_of;
use tenure::{Backend, Content, Flock, Hardlink, Lockfile, PosixSemaphore, Semaphore, Status};

use crate::exit::Exit;
use crate::failure::{BUSY, Failure};
use crate::sys::own;

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
        Some(it) if it == Hardlink::NAME => lock.backend(Hardlink),
        Some(it) if it == Semaphore.name() => lock.backend(Semaphore),
        Some(named) if posix_semaphore_of(named).is_some() => lock.backend(semaphore(path, named)?),
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

/// The semaphore that the record at `path` names, besides the lock on the file.
///
/// What a dead holder has taken is given back, and the name decides what that is: a hostile record
/// could have this user give back what a program holds that has nothing to do with the lockfile, or
/// make a semaphore that its users may not open. So the word counts only of a file that this user owns
/// and nobody else may write to; and then all this does, its writer could have done.
fn semaphore(path: &Path, backend: &str) -> Result<PosixSemaphore, Failure> {
    // The file is read once more, because between the last look and this one another may have come.
    let content = own::content(path).unwrap_or_default();
    let own = matches!(Content::parse(&content), Content::Record(record)
        if record.backend.as_deref() == Some(backend));
    let name = posix_semaphore_of(backend).filter(|_| own);
    name.and_then(|name| PosixSemaphore::new(name).ok()).ok_or_else(|| {
        let (path, backend) = (path.display(), backend.escape_debug());
        let text = format!(
            "{path} is of the backend {backend}, and another user could have written that, to have \
             the semaphore of another program altered: its owner can do this, if nobody else may \
             write to the file; and its program recovers it when it locks it"
        );
        Failure::other(Exit::NotPermitted, text)
    })
}
