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
mod candidate;
mod case;
mod check;
mod checks;
mod contender;
mod files;
mod harness;
mod spawn;
mod stage;

use std::process::ExitCode;

pub use self::candidate::Candidate;
#[cfg(doc)]
use crate::backend::Backend;

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
