//! Where one trial takes place.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

/// A lockfile of its own for each trial.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["locks", "scratch"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        Self { directory }
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.directory.path().join("locks").join("crossed.lock")
    }

    pub(crate) fn scratch(&self) -> PathBuf {
        self.directory.path().join("scratch")
    }
}
