//! Every backend of this crate does what backends have to.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use tenure::conformance::{self, Candidate};
use tenure::{Callback, Flock, Hardlink, Memory};

fn main() -> ExitCode {
    let result = conformance::main(&[
        Candidate::new("callback", |_| set()),
        Candidate::new("flock", |_| Flock),
        Candidate::new("hardlink", |_| Hardlink),
        Candidate::new("memory", |_| Memory::new()),
        #[cfg(target_os = "linux")]
        Candidate::new("posix semaphore", posix_semaphore),
        #[cfg(target_os = "linux")]
        Candidate::new("semaphore", |_| tenure::Semaphore),
    ]);
    remove_semaphores();
    result
}

fn set() -> Callback {
    let taken: Arc<Mutex<HashSet<PathBuf>>> = Arc::default();
    let left = Arc::clone(&taken);
    Callback::new(
        "set",
        move |path| Ok(taken.lock().unwrap().insert(path.to_owned())),
        move |path| {
            left.lock().unwrap().remove(path);
            Ok(())
        },
    )
}

/// Named after the directory, which is of one check only.
#[cfg(target_os = "linux")]
fn posix_semaphore(path: &std::path::Path) -> tenure::PosixSemaphore {
    let directory = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    tenure::PosixSemaphore::new(format!("/{directory}")).unwrap()
}

/// Nobody else removes them, because semaphores of a name are there to stay. Those of checks that
/// are still running are not touched: their directories exist.
#[allow(clippy::disallowed_methods, reason = "they are no lockfiles")]
fn remove_semaphores() {
    let Ok(all) = std::fs::read_dir("/dev/shm") else { return };
    for entry in all.flatten() {
        let name = entry.file_name();
        let directory = name.to_str().and_then(|name| name.strip_prefix("sem."));
        if directory.is_some_and(|it| {
            it.starts_with("tenure-conformance.") && !std::env::temp_dir().join(it).exists()
        }) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
