//! Opening the lockfile that is there, or saying why it cannot be opened.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::kernel::busy::{busy, leased};
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::read;
use crate::file::{content, not_a_lockfile, own_lock};
use crate::holder::Holder;
use crate::outcome::{Busy, Obstacle};
use crate::probe;
use crate::record::{Content, Record};
use crate::sys::{self, FileId, Kind};
use crate::verdict::{KernelLock, Verdict};

/// What is at the path.
#[derive(Debug)]
pub(in crate::file) enum Existing {
    /// A regular file, as far as could be told before opening it.
    File(File),
    /// Nothing, or something that has just gone.
    Gone,
    /// Something that this process may not write to, and that has a holder.
    Busy(Busy),
}

/// What is believed to be at the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Expect {
    /// It may be anything.
    Anything,
    /// A regular file, because it was one not long ago.
    File,
}

/// Opens what is at `path`, to be locked and written to.
///
/// # Errors
///
/// [`Error::NotALockfile`] for what is not a regular file. [`Error::ProcessDead`] for what is stale
/// and this process may not take over.
pub(in crate::file) fn open(kernel: &ByKernel, path: &Path, expect: Expect) -> Result<Existing> {
    // To open a FIFO wakes the process that waits at its other end, and to open a device can act on
    // it (a watchdog starts, a tape rewinds). A file that was there before may have been replaced by
    // one of them. So every open follows a look.
    let Some(stat) = sys::path_stat(path).map_err(failed(Op::Inspect, path))? else {
        return Ok(Existing::Gone);
    };
    match stat.kind {
        Kind::Regular => {}
        Kind::SymbolicLink => return link(kernel, path),
        kind => return Err(not_a_lockfile(path, kind)),
    }
    if let Some(busy) = locked_by_ourselves(kernel, path, stat.id)? {
        return Ok(Existing::Busy(busy));
    }
    match sys::open_to_write(path) {
        Ok(file) => Ok(Existing::File(file)),
        Err(err) if sys::is_leased(&err) => Ok(Existing::Busy(leased())),
        Err(err) if is_read_only(&err) => read_only(kernel, path, err),
        // Between looking and opening, it was removed or became something else: begin again. Only
        // what was expected to be a file, and is not, can be refused for another reason.
        Err(err) if content::is_gone(&err) || expect == Expect::File => Ok(Existing::Gone),
        Err(err) => Err(failed(Op::Open, path)(err)),
    }
}

/// Whether this process itself has a POSIX lock on the file `id`, as far as that was met before.
fn locked_by_ourselves(kernel: &ByKernel, path: &Path, id: FileId) -> Result<Option<Busy>> {
    let content = own_lock::look(id, |file| content::whole(file, path));
    let Some(content) = content.transpose()? else { return Ok(None) };
    let verdict = probe::verdict(&content, None, KernelLock::Held, kernel.primitive());
    let holder = Holder::of(content, verdict, true).map(Box::new);
    Ok(Some(Busy { holder, obstacle: Obstacle::Lock(id), file: None }))
}

/// A symbolic link is somebody else's lock, or nobody's. It cannot be locked: between a look at a dead
/// one and its removal, its program may have made another, and that would be removed (I1).
fn link(kernel: &ByKernel, path: &Path) -> Result<Existing> {
    let Some(record) = content::link(path)? else { return Ok(Existing::Gone) };
    let obstacle = "it is a symbolic link, which is never followed and never replaced; remove the \
        link";
    judge(kernel, record, None, path, obstacle)
}

fn is_read_only(err: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(err.kind(), PermissionDenied | ReadOnlyFilesystem)
}

/// A file that this process may not write to can still be read, and its holder be named.
fn read_only(kernel: &ByKernel, path: &Path, err: io::Error) -> Result<Existing> {
    let file = match sys::open_to_read(path) {
        Ok(file) => file,
        Err(err) if content::is_gone(&err) => return Ok(Existing::Gone),
        Err(err) if sys::is_leased(&err) => return Ok(Existing::Busy(leased())),
        Err(_) => return Err(failed(Op::Open, path)(err)),
    };
    let (content, kernel_lock) = read::look(kernel, &file, path)?;
    let id = sys::stat(&file).map_err(failed(Op::Inspect, path))?.id;
    let named = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
    match content {
        // Between opening and looking, its holder has removed it.
        _ if named.is_none_or(|named| named.id != id) => Ok(Existing::Gone),
        _ if kernel_lock == KernelLock::Held => {
            let busy = busy(kernel, file, path)?;
            Ok(Existing::Busy(Busy { file: None, ..busy }))
        }
        Content::Record(record) => {
            let obstacle = "it may not write to the file; give it the right to, or remove the file";
            judge(kernel, *record, Some(&file), path, obstacle)
        }
        _ => Err(failed(Op::Open, path)(err)),
    }
}

/// Nobody has the lock: the holder is dead, but `obstacle` keeps us from taking over; or the record
/// speaks for a holder all the same.
fn judge(
    kernel: &ByKernel,
    record: Record,
    file: Option<&File>,
    path: &Path,
    obstacle: &'static str,
) -> Result<Existing> {
    let content = Content::Record(Box::new(record.clone()));
    let verdict = probe::verdict(&content, file, KernelLock::Free, kernel.primitive());
    let holder = Box::new(Holder::new(record, verdict));
    if let Verdict::Stale(_) = verdict {
        return Err(Error::ProcessDead {
            path: path.to_owned(),
            holder,
            obstacle: obstacle.into(),
        });
    }
    Ok(Existing::Busy(Busy { holder: Some(holder), obstacle: Obstacle::Record, file: None }))
}
