//! An X server has its PID in `/tmp/.X99-lock`, with blanks before it, and takes no lock.

use std::path::Path;
use std::process::Command;

use crate::SCENE;
use crate::daemon::Daemon;
use crate::program::{CommandExtension, until};
use crate::support::elsewhere::{elsewhere, run};
use crate::verdict::{is_busy, is_removed_by_unlock, is_stale, is_used_and_kept};

const LOCK: &str = "/tmp/.X99-lock";

/// The file is complete when it is there: it is linked.
fn start() -> Daemon {
    let daemon = Daemon::start(Command::new("Xvfb").arg(":99"));
    until(|| Path::new(LOCK).exists());
    daemon
}

/// Nothing that is made in `/tmp` stays, and all that was there is there still: these programs may be.
fn own_tmp() {
    run("mount", ["-t", "tmpfs", "none", "/mnt"]);
    run("mkdir", ["-m", "1777", "/mnt/upper", "/mnt/work"]);
    let layers = "lowerdir=/tmp,upperdir=/mnt/upper,workdir=/mnt/work";
    run("mount", ["-t", "overlay", "-o", layers, "overlay", "/tmp"]);
}

#[test]
fn a_live_xvfb_is_busy_and_a_killed_one_is_stale() {
    elsewhere(SCENE, &["Xvfb"], || {
        own_tmp();
        let lock = Path::new(LOCK);
        let server = start();
        is_busy(lock, Some(server.pid()), None);
        is_stale(lock, server.kill());
        is_removed_by_unlock(lock);
        let server = start();
        is_busy(lock, Some(server.pid()), None);
    });
}

/// It takes what is no PID for 0, and there always is a process 0 for it. So whoever recovers the file
/// removes it.
#[test]
fn xvfb_needs_an_unlock_after_its_lock_file_was_used() {
    elsewhere(SCENE, &["Xvfb"], || {
        own_tmp();
        let lock = Path::new(LOCK);
        start().kill();
        is_used_and_kept(lock);
        let refused = Command::new("Xvfb").arg(":99").ended();
        assert!(refused.stderr.contains("already active"), "{refused:?}");
    });
}
