//! What other commands of tenure make of a lockfile, while another program is inside or after a death.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output};

/// The exit statuses of `tenure status` for a lock that is held, and for one that may be.
const HELD: i32 = 0;
const UNKNOWN: i32 = 4;

fn tenure(verb: &str, lock: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenure")).arg(verb).arg(lock).output().unwrap()
}

/// `tenure status` says that the other holds the lock or may hold it, and `tenure unlock` does nothing.
pub(crate) fn assert_is_respected(lock: &Path) {
    let file = fs::symlink_metadata(lock).unwrap().ino();
    let unlock = tenure("unlock", lock);
    assert!(!unlock.status.success(), "{unlock:?}");
    assert_eq!(file, fs::symlink_metadata(lock).unwrap().ino());
    let status = tenure("status", lock);
    assert!(matches!(status.status.code(), Some(HELD | UNKNOWN)), "{status:?}");
}

/// `tenure unlock` removes what a dead holder of tenure has left.
pub(crate) fn assert_unlocks(lock: &Path) {
    let output = tenure("unlock", lock);
    assert!(output.status.success(), "{output:?}");
}
