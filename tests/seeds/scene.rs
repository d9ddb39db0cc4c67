//! The vocabulary: programs that know nothing of this crate, and what they and rogues leave.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::libc::SYS_ppoll;
use tenure::Lockfile;

use crate::support::Peer;

/// Beyond any test's patience.
pub(crate) const LONG: &str = "lock_timeout 1000000000";

/// A program that lives until it is ended, and whose PID others write into lockfiles.
pub(crate) struct Daemon(Child);

impl Daemon {
    pub(crate) fn start() -> Self {
        // It ends with its standard input, and so with this process at the latest.
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Kills and reaps it; returns its PID, which nobody has now.
    pub(crate) fn crash(mut self) -> u32 {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        self.pid()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A peer that waits for a holder that has no kernel lock.
pub(crate) fn waiting_for_a_file(path: &Path) -> Peer {
    let mut peer = Peer::start(path);
    peer.tell("lock");
    peer.wait_until_in(SYS_ppoll);
    assert!(!peer.has_answered());
    peer
}

#[expect(clippy::disallowed_methods, reason = "the rogue")]
pub(crate) fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

/// Writes another file and puts it into the place of the one at `path`.
pub(crate) fn replace(path: &Path, content: &str) {
    let new = path.with_extension("new");
    fs::write(&new, content).unwrap();
    fs::rename(new, path).unwrap();
}

/// Nobody holds what is at the path, and a contender leaves nothing there but what others have made.
pub(crate) fn assert_free(path: &Path) {
    let mut lock = Lockfile::acquire(path).unwrap();
    let found = lock.record().unwrap().found;
    lock.unlock().unwrap();
    assert_eq!(path.exists(), found);
}
