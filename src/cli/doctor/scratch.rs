//! A file to try things with, which does not stay.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// An empty file, for as long as this lives, and another name for it.
///
/// Meanwhile this thread, which has to be the only one, takes no signals: an interrupt ends it once
/// the file is removed.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// Nothing has it at first.
    pub(super) other_name: PathBuf,
    mask: SigSet,
}

/// A file that could not be removed.
#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) path: PathBuf,
    pub(super) why: io::Error,
}

impl Scratch {
    /// # Errors
    ///
    /// No file can be made in the directory `dir`.
    pub(super) fn make(dir: &Path) -> io::Result<Self> {
        let name = format!(".tenure-doctor-{}", process::id());
        let path = dir.join(format!("{name}.lock"));
        let interrupts: SigSet =
            [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGTSTP]
                .into_iter()
                .collect();
        // Before there is a file.
        let mask = interrupts.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        match File::options().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => Ok(Self { file, path, other_name: dir.join(format!("{name}.link")), mask }),
            Err(err) => {
                mask.thread_set_mask()?;
                Err(err)
            }
        }
    }

    /// Removes the file, and tells under which names it stays.
    pub(super) fn remove(self) -> Vec<Leftover> {
        self.try_to_remove()
    }

    #[expect(clippy::disallowed_methods, reason = "no lockfile of anybody's: it was made here")]
    fn try_to_remove(&self) -> Vec<Leftover> {
        let removed = [&self.path, &self.other_name].map(|path| (path, fs::remove_file(path)));
        let failed = removed.into_iter().filter_map(|(path, removed)| {
            // FUSE may have another error for a name that is not there.
            let is_gone = || {
                let found = path.symlink_metadata();
                found.is_err_and(|err| err.kind() == ErrorKind::NotFound)
            };
            let why = removed.err().filter(|_| !is_gone())?;
            Some(Leftover { path: path.clone(), why })
        });
        failed.collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After `remove`, there is nothing left, or it fails again.
        let _ = self.try_to_remove();
        let _ = self.mask.thread_set_mask();
    }
}
