//! The protocol: how a lockfile is acquired and released.
//!
//! # Definitions
//!
//! The *holder* is whoever has the backend's lock (by default flock(2)) on the file that the path
//! names. The record in the file says who that is; it decides nothing while the lock is taken.
//!
//! # Invariants
//!
//! - **I1** Only whoever has the lock on a file writes to it, or removes the name that leads to it.
//! - **I2** Nobody is a holder who has not, *after* locking, seen the path name the locked file.
//! - **I3** Nobody is a holder who has not judged the record that the file held when it was locked.
//! - **I4** A file is written by one write of the whole record, at offset 0, over what was there.
//!
//! # How it goes
//!
//! ```text
//!           create_new, or open        lock          same file?       judge         write
//!   [free] ───────────────────▶ [open] ────▶ [locked] ────────▶ [ours] ────▶ [vacant] ────▶ [held]
//!      ▲                          │             │ no: replaced    │ live or                  │
//!      │                          │ refused     ▼                 ▼ unproven                 │
//!      │                          └──▶ Busy    begin again       Busy                        │
//!      └──────────────── unlink (or write `released_at`), unlock, close ◀────────────────────┘
//! ```
//!
//! A crash at any point frees the kernel's lock. Whatever file remains is judged by the next
//! contender: empty or torn, it is stale; whole, its holder is looked at.

mod existing;
mod held;
mod reading;

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::Path;

pub(crate) use held::Held;
pub(crate) use reading::{Found, read};

use self::existing::Existing;
use crate::error::{Error, Op, Result, failed};
use crate::holder::Holder;
use crate::probe;
use crate::record::Content;
use crate::settings::{Foreign, Settings};
use crate::sys::{self, FileId, Kind, Stat};
use crate::verdict::{KernelLock, Verdict, Why};

/// How to take a lock that is not free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Report who holds it.
    None,
    /// Wait in the backend's queue.
    Queue,
}

/// What came of trying.
#[derive(Debug)]
pub(crate) enum Attempt {
    Acquired(Box<Held>),
    Busy(Busy),
}

/// Somebody is in the way.
#[derive(Debug)]
pub(crate) struct Busy {
    pub(crate) holder: Option<Box<Holder>>,
    /// The file whose lock is taken; `None` where the lock was free and the record alone speaks
    /// for a holder, so that there is no queue to wait in.
    pub(crate) locked: Option<FileId>,
}

/// Tries to acquire the lockfile that `settings` describe.
///
/// `expect_file`: whether to look for an existing file before creating one. It matters to nothing
/// but speed, because what comes second is tried as well.
pub(crate) fn attempt(
    settings: &Settings,
    patience: Patience,
    expect_file: bool,
) -> Result<Attempt> {
    // A relative path means the directory of this moment, also when the file is to be removed.
    let path = &absolute(&settings.path)?;
    loop {
        let file = match open(settings, path, expect_file)? {
            Opened::File(file) => file,
            Opened::Busy(busy) => return Ok(Attempt::Busy(busy)),
        };
        if !lock(settings, &file, path, patience)? {
            return Ok(Attempt::Busy(busy(&file, path)?));
        }
        // I2. Between opening and locking, the holder may have removed the file, and another
        // contender may have created a new one: then what we locked is nobody's any more. The
        // same is true when the wait for the lock ended because its holder removed the file.
        let stat = sys::stat(&file).map_err(failed(Op::Inspect, path))?;
        if !is_named(path, stat.id)? {
            unlock(settings, &file, path)?;
            continue;
        }
        return take(settings, file, stat, path);
    }
}

fn absolute(path: &Path) -> Result<Cow<'_, Path>> {
    if path.is_absolute() {
        return Ok(Cow::Borrowed(path));
    }
    std::path::absolute(path).map(Cow::Owned).map_err(failed(Op::Inspect, path))
}

enum Opened {
    File(File),
    Busy(Busy),
}

/// Creates the lockfile, or opens the one that is there.
fn open(settings: &Settings, path: &Path, expect_file: bool) -> Result<Opened> {
    let mut create = !expect_file;
    loop {
        if create {
            match sys::create_new(path, settings.mode) {
                Ok(file) => return Ok(Opened::File(file)),
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
                Err(err) => return Err(failed(Op::Create, path)(err)),
            }
        }
        match existing::open(settings, path)? {
            Existing::File(file) => return Ok(Opened::File(file)),
            Existing::Busy(busy) => return Ok(Opened::Busy(busy)),
            // Between our attempt to create it and now its holder has removed it.
            Existing::Gone => create = true,
        }
    }
}

fn lock(settings: &Settings, file: &File, path: &Path, patience: Patience) -> Result<bool> {
    let backend = &settings.backend;
    let locked = match patience {
        Patience::None => backend.try_lock(file, path),
        Patience::Queue => backend.lock(file, path).map(|()| true),
    };
    locked.map_err(|source| match source.kind() {
        io::ErrorKind::Unsupported => Error::Unsupported {
            path: path.to_owned(),
            backend: backend.name().to_owned(),
            remedy: "its file system does not offer that lock; choose a path on a local one",
            source,
        },
        _ => failed(Op::Lock, path)(source),
    })
}

fn unlock(settings: &Settings, file: &File, path: &Path) -> Result<()> {
    settings.backend.release(file, path).map_err(failed(Op::Unlock, path))
}

/// Whether `path` names the file `id`, which the caller holds open.
fn is_named(path: &Path, id: FileId) -> Result<bool> {
    let stat = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
    Ok(stat.is_some_and(|stat| stat.id == id))
}

/// Whoever has the lock on `file` is the holder; the record says who that is, if it is written.
fn busy(file: &File, path: &Path) -> Result<Busy> {
    let stat = sys::stat(file).map_err(failed(Op::Inspect, path))?;
    let content = reading::content(file, stat.len, path)?;
    let holder = match content {
        // What the last holder left, in the instant before the new one has written its own.
        Content::Record(record) if record.released_at.is_some() => None,
        Content::Record(record) => Some(Box::new(Holder::new(*record, Verdict::Live))),
        _ => None,
    };
    Ok(Busy { holder, locked: Some(stat.id) })
}

/// With the lock on the file that the path names: judges what the file says, and takes it.
fn take(settings: &Settings, file: File, stat: Stat, path: &Path) -> Result<Attempt> {
    match vacate(settings, &file, stat, path) {
        Ok(Vacancy::Vacant { left_by }) => {
            let held = Held::begin(settings, file, stat, path, left_by)?;
            Ok(Attempt::Acquired(Box::new(held)))
        }
        Ok(Vacancy::Taken(holder)) => {
            unlock(settings, &file, path)?;
            Ok(Attempt::Busy(Busy { holder: Some(holder), locked: None }))
        }
        Err(err) => {
            unlock(settings, &file, path)?;
            Err(err)
        }
    }
}

/// What the record of a locked file means for whoever has locked it.
enum Vacancy {
    /// Nobody holds; if a holder has died, it was this one.
    Vacant { left_by: Option<Box<Holder>> },
    /// Somebody does, or might, by other means than the lock.
    Taken(Box<Holder>),
}

/// I3: judges the record of the locked `file`.
fn vacate(settings: &Settings, file: &File, stat: Stat, path: &Path) -> Result<Vacancy> {
    if stat.kind != Kind::Regular {
        return Err(not_a_lockfile(path, stat.kind));
    }
    if stat.len == 0 {
        return Ok(Vacancy::Vacant { left_by: None });
    }
    let content = reading::content(file, stat.len, path)?;
    if let Content::Invalid(reason) = content {
        return if settings.replace_invalid {
            Ok(Vacancy::Vacant { left_by: None })
        } else {
            Err(Error::InvalidPid { path: path.to_owned(), reason })
        };
    }
    let lock = KernelLock::Free;
    let verdict = probe::verdict(&content, Some(file), lock, settings.backend_name());
    let vacant = match verdict {
        Verdict::Live => false,
        Verdict::Stale(_) => true,
        Verdict::Unproven(_) => settings.foreign == Foreign::Break,
    };
    let holder = match content {
        Content::Record(record) => Some(Box::new(Holder::new(*record, verdict))),
        _ => None,
    };
    match holder {
        Some(holder) if !vacant => Ok(Vacancy::Taken(holder)),
        holder => Ok(Vacancy::Vacant {
            left_by: holder.filter(|_| verdict != Verdict::Stale(Why::Released)),
        }),
    }
}

/// Removes a stale lockfile without acquiring it for longer than that takes; whether there was one.
pub(crate) fn release_stale(settings: &Settings) -> Result<bool> {
    let path = &absolute(&settings.path)?;
    loop {
        let file = match existing::open(settings, path)? {
            Existing::File(file) => file,
            Existing::Gone => return Ok(false),
            Existing::Busy(busy) => return Err(Error::busy(path, busy.holder)),
        };
        if !lock(settings, &file, path, Patience::None)? {
            return Err(Error::busy(path, busy(&file, path)?.holder));
        }
        let stat = sys::stat(&file).map_err(failed(Op::Inspect, path))?;
        // I2, as in `attempt`.
        if !is_named(path, stat.id)? {
            unlock(settings, &file, path)?;
            continue;
        }
        let released = match vacate(settings, &file, stat, path) {
            Ok(Vacancy::Vacant { left_by: None }) if is_released(&file, stat, path)? => Ok(false),
            Ok(Vacancy::Vacant { .. }) => {
                // I1: we have the lock, and have seen the path name this file since.
                sys::unlink(path).map(|()| true).map_err(failed(Op::Remove, path))
            }
            Ok(Vacancy::Taken(holder)) => Err(Error::busy(path, Some(holder))),
            Err(err) => Err(err),
        };
        unlock(settings, &file, path)?;
        return released;
    }
}

/// Whether the file was released in good order, and kept.
fn is_released(file: &File, stat: Stat, path: &Path) -> Result<bool> {
    let content = reading::content(file, stat.len, path)?;
    Ok(matches!(content, Content::Record(record) if record.released_at.is_some()))
}

impl Error {
    pub(crate) fn busy(path: &Path, holder: Option<Box<Holder>>) -> Self {
        Self::Busy { path: path.to_owned(), holder }
    }
}

fn not_a_lockfile(path: &Path, kind: Kind) -> Error {
    let kind = match kind {
        Kind::Regular => "a file of another kind than before",
        Kind::Directory => "a directory",
        Kind::SymbolicLink => "a symbolic link",
        Kind::Fifo => "a FIFO",
        Kind::Socket => "a socket",
        Kind::Device => "a device",
    };
    Error::NotALockfile { path: path.to_owned(), kind }
}
