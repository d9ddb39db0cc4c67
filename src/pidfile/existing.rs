//! Opening the lockfile that is there, or saying why it cannot be opened.

use std::fs::File;
use std::io;
use std::path::Path;

use super::{Busy, busy, not_a_lockfile, reading};
use crate::error::{Error, Op, Result, failed};
use crate::holder::Holder;
use crate::probe;
use crate::record::Content;
use crate::settings::Settings;
use crate::sys::{self, Kind};
use crate::verdict::{KernelLock, Verdict};

/// What is at the path.
#[derive(Debug)]
pub(super) enum Existing {
    /// A regular file, as far as could be told before opening it.
    File(File),
    /// Nothing, or something that has just gone.
    Gone,
    /// Something that this process may not write to, and that has a holder.
    Busy(Busy),
}

/// Opens what is at `path`, to be locked and written to. What it is, is asked when it is locked.
///
/// # Errors
///
/// [`Error::NotALockfile`] for what cannot be opened so. [`Error::ProcessDead`] for what is stale
/// and this process may not take over.
pub(super) fn open(settings: &Settings, path: &Path) -> Result<Existing> {
    match sys::open_to_write(path) {
        Ok(file) => Ok(Existing::File(file)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Existing::Gone),
        Err(err) => refused(settings, path, err),
    }
}

/// Says what stands at `path`, which could not be opened.
fn refused(settings: &Settings, path: &Path, err: io::Error) -> Result<Existing> {
    match sys::path_stat(path).map_err(failed(Op::Inspect, path))?.map(|stat| stat.kind) {
        // Between opening and looking, it was removed or became something else: begin again.
        None => Ok(Existing::Gone),
        Some(Kind::Regular) if sys::is_symlink_refusal(&err) => Ok(Existing::Gone),
        Some(Kind::Regular) if is_read_only(&err) => read_only(settings, path, err),
        Some(Kind::Regular) => Err(failed(Op::Open, path)(err)),
        Some(Kind::SymbolicLink) => {
            let content = Content::Record(Box::new(reading::link(path)?));
            let obstacle = "it is a symbolic link, which is never followed and never replaced; \
                remove the link";
            judge(settings, content, None, KernelLock::Free, path, obstacle)
        }
        Some(kind) => Err(not_a_lockfile(path, kind)),
    }
}

fn is_read_only(err: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(err.kind(), PermissionDenied | ReadOnlyFilesystem)
}

/// A file that this process may not write to can still be read, and its holder be named.
fn read_only(settings: &Settings, path: &Path, refused: io::Error) -> Result<Existing> {
    let Ok(file) = sys::open_to_read(path) else { return Err(failed(Op::Open, path)(refused)) };
    let (content, kernel_lock) = reading::look(settings, &file, path)?;
    if kernel_lock == KernelLock::Held {
        return Ok(Existing::Busy(busy(&file, path)?));
    }
    match content {
        Content::Record(_) => judge(
            settings,
            content,
            Some(&file),
            kernel_lock,
            path,
            "it may not \
            write to the file; give it the right to, or remove the file",
        ),
        _ => Err(failed(Op::Open, path)(refused)),
    }
}

/// Busy, or dead and not to be taken over because of `obstacle`.
fn judge(
    settings: &Settings,
    content: Content,
    file: Option<&File>,
    kernel_lock: KernelLock,
    path: &Path,
    obstacle: &'static str,
) -> Result<Existing> {
    let verdict = probe::verdict(&content, file, kernel_lock, settings.backend_name());
    let Content::Record(record) = content else { return Ok(Existing::Gone) };
    let holder = Box::new(Holder::new(*record, verdict));
    match verdict {
        Verdict::Stale(_) => Err(Error::ProcessDead { path: path.to_owned(), holder, obstacle }),
        Verdict::Live | Verdict::Unproven(_) => {
            Ok(Existing::Busy(Busy { holder: Some(holder), locked: None }))
        }
    }
}
