//! The broken twin: what many programs do. It locks the file and does not look whether the path
//! still names it, although a release removes the file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Naive {
    path: PathBuf,
    file: Option<File>,
}

impl Naive {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None }
    }

    #[expect(unsafe_code, reason = "flock(2), without this crate")]
    pub(crate) fn lock(&mut self) {
        let mut options = OpenOptions::new();
        let file =
            options.create(true).truncate(false).write(true).open(&self.path).expect("to open");
        let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
        // SAFETY: flock takes a descriptor, which is open, and a flag.
        let locked = unsafe { nix::libc::flock(fd, nix::libc::LOCK_EX) };
        assert_eq!(locked, 0, "no signal has a handler");
        self.file = Some(file);
    }

    #[expect(clippy::disallowed_methods, reason = "doing it wrong is what it is for")]
    pub(crate) fn unlock(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        self.file = None;
    }
}
