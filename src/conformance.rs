//! What every [`Backend`] has to do, as a test program: for those who implement one.
//!
//! [`main`] puts each [`Candidate`] through all checks and reports as libtest does. It is called
//! from the `main` of a test program of its own, because a check is a process, which starts others:
//! this very program again, told by its environment what to do. They shake hands through sockets;
//! no check sleeps, and none depends on how fast anything is. One that does not end within a minute
//! fails, with the last that was heard of it.
//!
//! What does not apply to a backend is `ignored`, with the reason: a lock that
//! [reaches](Backend::scope) this process only is not asked to keep out another. A check that
//! passes has not found a fault; races that a backend loses once in a million runs need other
//! means.
//!
//! The lockfiles lie in the system's directory for temporary files. Set `TMPDIR` to check a backend
//! on another file system.
//!
//! # Examples
//!
//! In `Cargo.toml`:
//!
//! ```toml
//! [dev-dependencies]
//! tenure = { version = "0.1", features = ["conformance"] }
//!
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! In `tests/conformance.rs`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use tenure::Flock;
//! use tenure::conformance::{self, Candidate};
//!
//! fn main() -> ExitCode {
//!     conformance::main(&[Candidate::new("flock", |_path| Flock)])
//! }
//! ```
//!
//! Then `cargo test --test conformance` runs all of it, `… -- flock` what has that in its name, and
//! `… -- --list` says what there is.

mod actor;
mod case;
mod check;
mod checks;
mod contender;
mod files;
mod harness;
mod spawn;
mod stage;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

#[cfg(doc)]
use crate::backend::Backend;
use crate::engine::Engine;
use crate::lockfile::Lockfile;

/// A backend that is to be checked, and a name for it.
pub struct Candidate {
    name: String,
    lockfile: Box<dyn Fn(&Path) -> Lockfile + Send + Sync>,
}

impl Candidate {
    /// `name`: what the report calls it; no other candidate's of the same [`main`].
    ///
    /// `backend`: makes the backend for the lockfile at a path. Is called once in every process that
    /// contends for it, so processes have nothing in common but the path. It must not start threads:
    /// some checks fork, and in the child there would be none of them, but the locks that they had.
    pub fn new<B: Into<Engine>>(
        name: impl Into<String>,
        backend: impl Fn(&Path) -> B + Send + Sync + 'static,
    ) -> Self {
        let lockfile = move |path: &Path| Lockfile::new(path).backend(backend(path));
        Self { name: name.into(), lockfile: Box::new(lockfile) }
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Checks the candidates; the exit status of the test program, 101 if any has failed.
///
/// Understands these arguments of libtest: filters, `--exact`, `--skip`, `--list` and `--ignored`,
/// which runs nothing. Has to be the first that the program does, with the same candidates each
/// time it is run.
#[must_use]
pub fn main(candidates: &[Candidate]) -> ExitCode {
    match case::role() {
        Some(role) => role.play(candidates),
        None => harness::run_all(candidates),
    }
}
