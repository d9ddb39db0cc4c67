//! Names of POSIX semaphores, which nobody else removes.

use std::ops::Deref;
use std::path::{Path, PathBuf};

/// The name of a semaphore of its own, which a test makes by using it. Dropping this removes it.
pub struct SemaphoreName(String);

impl SemaphoreName {
    pub fn new() -> Self {
        // As tempfile finds names that nobody has.
        let place = tempfile::tempdir().unwrap();
        Self(format!("/tenure-test{}", place.path().file_name().unwrap().to_str().unwrap()))
    }

    /// Where glibc keeps it.
    fn file(&self) -> PathBuf {
        Path::new("/dev/shm").join(format!("sem.{}", &self.0[1..]))
    }
}

impl Deref for SemaphoreName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for SemaphoreName {
    #[allow(clippy::disallowed_methods, reason = "it is no lockfile")]
    fn drop(&mut self) {
        let removed = std::fs::remove_file(self.file());
        // A test that fails may not have come to making it.
        if !std::thread::panicking() {
            removed.expect("the test has used the semaphore");
        }
    }
}
