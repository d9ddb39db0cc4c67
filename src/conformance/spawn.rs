//! The processes of a check: this very program once more, told by its environment what to do.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sys;

pub(super) const CHECK: &str = "TENURE_CONFORMANCE_CHECK";
pub(super) const CANDIDATE: &str = "TENURE_CONFORMANCE_CANDIDATE";
pub(super) const PATH: &str = "TENURE_CONFORMANCE_PATH";
/// In the place of a check: a contender, who does as it is told.
pub(super) const CONTENDER: &str = "contender";

/// For how long a process of a check may go on, in seconds. None takes as long but one that hangs.
pub(super) const PATIENCE: u32 = 60;

/// What starts a contender for the lockfile at `path`, with a line to it.
pub(super) fn contender(candidate: &str, path: &Path) -> io::Result<Command> {
    again(candidate, CONTENDER, path)
}

/// This program once more.
pub(super) fn again(candidate: &str, check: &str, path: &Path) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.env(CANDIDATE, candidate).env(CHECK, check).env(PATH, path);
    Ok(command)
}

/// A new directory, for this user alone.
pub(super) fn directory() -> io::Result<PathBuf> {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    loop {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name: OsString = format!("tenure-conformance.{}.{number}", std::process::id()).into();
        let path = env::temp_dir().join(name);
        match sys::create_private_directory(&path) {
            Ok(()) => return Ok(path),
            // An earlier process of this PID was killed and has left it.
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
            Err(err) => return Err(err),
        }
    }
}
