//! Who is in the way of a contender, and what a refused lock means.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::backend::Scope;
use crate::error::{Error, Op, Result, failed};
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::{content, for_another_look};
use crate::holder::Holder;
use crate::outcome::{Busy, Obstacle};
use crate::probe;
use crate::record::Content;
use crate::sys;
use crate::verdict::KernelLock;

pub(in crate::file) fn leased() -> Busy {
    Busy { holder: None, obstacle: Obstacle::Lease, file: None }
}

pub(in crate::file) fn observed(file: File) -> Busy {
    Busy { holder: None, obstacle: Obstacle::Reader, file: for_another_look(file) }
}

/// Whoever has the lock on `file` is the holder; the record says who that is, if it is written.
pub(in crate::file) fn busy(kernel: &ByKernel, file: File, path: &Path) -> Result<Busy> {
    let stat = sys::stat(&file).map_err(failed(Op::Inspect, path))?;
    // Some file systems (SMB) do not let others read what is locked: then it is not known.
    let content = content::content(&file, stat.len, path).unwrap_or(Content::Blank);
    let verdict = probe::verdict(&content, Some(&file), KernelLock::Held, kernel.primitive());
    let holder = Holder::of(content, verdict, true).map(Box::new);
    Ok(Busy { holder, obstacle: Obstacle::Lock(stat.id), file: for_another_look(file) })
}

/// What a backend says when it cannot lock.
pub(in crate::file) fn refused<'a>(
    kernel: &'a ByKernel,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| match source.kind() {
        io::ErrorKind::Unsupported => Error::Unsupported {
            path: path.to_owned(),
            backend: kernel.backend.name().to_owned(),
            remedy: match kernel.backend.scope() {
                Scope::IpcNamespace => "this system does not offer that lock; use another backend",
                _ => "its file system does not offer that lock; choose a path on a local one",
            },
            source,
        },
        _ => failed(Op::Lock, path)(source),
    }
}
