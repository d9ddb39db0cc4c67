//! A file to try things with, which does not stay.

use std::fs::{self, File};
use std::io;
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
}

impl Drop for Scratch {
    #[expect(clippy::disallowed_methods, reason = "no lockfile of anybody's: it was made here")]
    fn drop(&mut self) {
        for path in [&self.path, &self.other_name] {
            let _ = fs::remove_file(path);
        }
        let _ = self.mask.thread_set_mask();
    }
}
