//! `doctor` on file systems whose locks do not do what they should: FUSE, and what strace(1) makes of
//! its server.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::elsewhere::{elsewhere, run};
use crate::support::{CommandExtension, Ended, Scene, tenure, until};

/// In a PID namespace, so that no daemon remains.
const SCENE: &str = "unshare -mpf --mount-proc --kill-child";
const FUSE: [&str; 3] = ["bindfs", "/dev/fuse", "strace"];

/// What the doctor says of a FUSE whose server gets told by strace(1) what its system calls return.
fn doctor_on_fuse(inject: &str) -> Ended {
    let scene = Scene::new();
    let (source, at) = (scene.path("source"), scene.path("at"));
    for dir in [&source, &at] {
        fs::create_dir(dir).unwrap();
    }
    let mut server = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={inject}")])
        .args(["bindfs", "-f", "--enable-lock-forwarding", "--multithreaded"])
        .args([&source, &at])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    until(|| is_mount(&at));
    let ended = tenure().arg("doctor").arg(at.join("the.lock")).ended();
    until(|| fs::read_dir(&source).unwrap().next().is_none());
    run("umount", [&at]);
    server.wait().unwrap();
    ended
}

fn is_mount(at: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    mounts.lines().any(|line| line.split(' ').nth(1) == at.to_str())
}

fn assert_says(ended: &Ended, line: &str) {
    assert!(ended.stdout.lines().any(|said| said.starts_with(line)), "{line}:\n{}", ended.stdout);
}

#[test]
fn locks_that_exclude_nobody_are_bad() {
    elsewhere(SCENE, &FUSE, || {
        let ended = doctor_on_fuse("flock:retval=0");
        assert_eq!(ended.code, Some(2), "{}", ended.stdout);
        assert_says(
            &ended,
            "bad  flock      flock(2) does not exclude: two processes had the lock",
        );
        assert_says(&ended, "warn disk       fuse");
    });
}

#[test]
fn locks_that_are_not_there_are_bad() {
    elsewhere(SCENE, &FUSE, || {
        let ended = doctor_on_fuse("flock:error=EOPNOTSUPP");
        assert_eq!(ended.code, Some(2), "{}", ended.stdout);
        assert_says(&ended, "bad  flock      flock(2) does not work here: ");
        assert_says(&ended, "ok   link       link(2) works");
    });
}

#[test]
fn a_disk_without_links_is_a_note() {
    elsewhere(SCENE, &FUSE, || {
        let ended = doctor_on_fuse("link,linkat:error=EPERM");
        assert_eq!(ended.code, Some(1), "FUSE is a warning: {}", ended.stdout);
        assert_says(&ended, "note link       there are no links here: Operation not permitted");
        assert_says(&ended, "ok   flock      flock(2) excludes");
    });
}

#[test]
fn links_that_are_only_said_to_be_made_are_no_use() {
    elsewhere(SCENE, &FUSE, || {
        let ended = doctor_on_fuse("link,linkat:retval=0");
        assert_says(&ended, "note link       ");
    });
}
