//! `doctor` on file systems that do not do what they should: those that are full or read-only, and FUSE,
//! with what strace(1) makes of its server.

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

/// What the doctor says of a tmpfs with `options`, in which there is a directory `full` of something, and
/// what `run` exits with there.
fn doctor_on_tmpfs(options: &str, fill: impl FnOnce(&Path)) -> (Ended, Option<i32>) {
    let scene = Scene::new();
    let at = scene.path("");
    run(
        "mount",
        [
            "-t".as_ref(),
            "tmpfs".as_ref(),
            "-o".as_ref(),
            options.as_ref(),
            "x".as_ref(),
            at.as_os_str(),
        ],
    );
    fill(&at);
    let before = fs::read_dir(&at).unwrap().count();
    let ended = tenure().arg("doctor").arg(&at).ended();
    assert_eq!(fs::read_dir(&at).unwrap().count(), before, "nothing is left behind");
    let code = scene.run(&[], &["true"]).ended().code;
    run("umount", ["-l".as_ref(), at.as_os_str()]);
    (ended, code)
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

#[test]
fn a_disk_that_is_read_only_is_bad() {
    elsewhere("unshare -m", &[], || {
        let (ended, run) = doctor_on_tmpfs("ro,mode=755", |_| {});
        assert_eq!((ended.code, run), (Some(2), Some(73)), "{}", ended.stdout);
        assert_says(&ended, "bad  disk       the file system of ");
        assert!(!ended.stdout.contains("as the user who is to lock"), "{}", ended.stdout);
    });
}

#[test]
fn a_disk_that_is_full_is_bad() {
    elsewhere("unshare -m", &[], || {
        let fill = |at: &Path| drop(fs::write(at.join("full"), [b'x'; 8192]));
        let (ended, run) = doctor_on_tmpfs("size=8k,mode=755", fill);
        assert_eq!((ended.code, run), (Some(2), Some(74)), "{}", ended.stdout);
        assert_says(&ended, "bad  disk       the disk is full: ");
    });
}

#[test]
fn a_disk_that_has_room_for_no_more_files_is_bad() {
    elsewhere("unshare -m", &[], || {
        let fill = |at: &Path| fs::write(at.join("last"), "").unwrap();
        let (ended, run) = doctor_on_tmpfs("nr_inodes=2,mode=755", fill);
        assert_eq!((ended.code, run), (Some(2), Some(73)), "{}", ended.stdout);
        assert_says(&ended, "bad  disk       the disk is full: ");
    });
}

#[test]
fn a_limit_on_the_size_of_files_is_bad() {
    let scene = Scene::new();
    let ended = scene.script(r#"ulimit -f 2; exec "$TENURE" doctor . | cat"#).ended();
    assert!(ended.stdout.contains("(ulimit -f) leaves room for no record"), "{ended:?}");
    assert_eq!(fs::read_dir(scene.path(".")).unwrap().count(), 0, "nothing is left");
}
