//! A file with the backend's lock on it, before it is known whether that makes a holder.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::backend::Admission;
use crate::error::{Error, Op, Result, failed};
use crate::file::kernel::busy::refused;
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::{content, not_a_lockfile};
use crate::outcome::Approach;
use crate::record::Content;
use crate::sys::{self, FileId, Kind, Mode, Stat};

/// For how long, and how often at least, a name that leads to a removed file is looked at again. The
/// time is for a remover that loses the processor meanwhile, the number for ourselves.
const PATIENCE: Duration = Duration::from_millis(10);
const LOOKS: u32 = 1000;

/// Whether `path` names the file `id`, which the caller has open.
///
/// # Errors
///
/// It does, and yet the file has been removed: it is bind-mounted here, and was removed where it
/// lies. There, another file may be the lockfile by now.
pub(in crate::file) fn names(path: &Path, id: FileId) -> Result<bool> {
    let mut began = None;
    for looks in 1.. {
        match sys::path_stat(path).map_err(failed(Op::Inspect, path))? {
            Some(named) if named.id != id => return Ok(false),
            Some(named) if named.names > 0 => return Ok(true),
            Some(_) => {}
            None => return Ok(false),
        }
        // Somebody is removing it just now: between finding the name and counting the file's names,
        // or between the kernel's counting them down and its forgetting the name. Only a mount
        // still leads to the file after that.
        if began.get_or_insert_with(Instant::now).elapsed() > PATIENCE && looks > LOOKS {
            break;
        }
        std::thread::yield_now();
    }
    Err(not_a_lockfile(path, Kind::Regular))
}

/// Whether `path` names the open `file`.
pub(in crate::file) fn is_named(file: &File, path: &Path) -> Result<bool> {
    names(path, sys::stat(file).map_err(failed(Op::Inspect, path))?.id)
}

/// Unlocks when it is dropped.
#[derive(Debug)]
pub(in crate::file) struct Locked<'a> {
    pub(in crate::file) kernel: &'a ByKernel,
    pub(in crate::file) path: &'a Path,
    pub(in crate::file) mode: Mode,
    /// As it was when the lock was acquired.
    pub(in crate::file) stat: Stat,
    file: Option<File>,
}

/// What came of locking a file.
#[derive(Debug)]
pub(in crate::file) enum Taken<'a> {
    Locked(Locked<'a>),
    /// Somebody else has the lock.
    Refused(File),
    /// Nobody has it, but somebody is reading.
    Observed(File),
}

impl<'a> Locked<'a> {
    /// Locks `file`, which was opened at `path`.
    pub(in crate::file) fn take(
        kernel: &'a ByKernel,
        file: File,
        path: &'a Path,
        approach: Approach,
    ) -> std::result::Result<Taken<'a>, (Error, File)> {
        match kernel.admission(&file, path, approach) {
            Err(err) => return Err((refused(kernel, path)(err), file)),
            Ok(admission) => match admission {
                Admission::Locked => {}
                Admission::Refused => return Ok(Taken::Refused(file)),
                Admission::Observed => return Ok(Taken::Observed(file)),
            },
        }
        match sys::stat(&file) {
            Ok(stat) => {
                let mode = approach.mode;
                Ok(Taken::Locked(Self { kernel, path, mode, stat, file: Some(file) }))
            }
            Err(err) => {
                let _ = kernel.unlock(approach.mode, &file, path);
                Err((failed(Op::Inspect, path)(err), file))
            }
        }
    }

    /// Whether the path names the locked file.
    ///
    /// # Errors
    ///
    /// As for [`names`].
    pub(in crate::file) fn is_named(&self) -> Result<bool> {
        names(self.path, self.stat.id)
    }

    pub(in crate::file) fn content(&self) -> Result<Content> {
        content::content(self.file(), self.stat.len, self.path)
    }

    pub(in crate::file) fn file(&self) -> &File {
        match &self.file {
            Some(file) => file,
            None => unreachable!("only `keep` takes the file, and `self` with it"),
        }
    }

    /// The file, which stays locked.
    pub(in crate::file) fn keep(mut self) -> File {
        match self.file.take() {
            Some(file) => file,
            None => unreachable!("only `keep` takes the file, and `self` with it"),
        }
    }

    /// The file, unlocked.
    pub(in crate::file) fn let_go(self) -> File {
        let (kernel, mode, path) = (self.kernel, self.mode, self.path);
        let file = self.keep();
        // As when it is dropped.
        let _ = kernel.unlock(mode, &file, path);
        file
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // Closing would do, but for the copies of the descriptor in children that other threads
            // fork meanwhile: those would keep a lock that nobody holds.
            let _ = self.kernel.unlock(self.mode, file, self.path);
        }
    }
}
