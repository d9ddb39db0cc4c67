//! `doctor` on file systems of many kinds, and on those that do not do what they should: full, read-only
//! or with attributes of chattr(1), and FUSE, with what strace(1) makes of its server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::elsewhere::{elsewhere, run};
use crate::support::{CommandExtension, Ended, Scene, TENURE, tenure, until};

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
        assert_says(&ended, "warn disk       fuse on ");
        assert!(ended.stdout.contains("locks exclude those that use this mount"), "{ended:?}");
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

/// What the doctor, whose system calls strace(1) answers so, says of the directory of `scene`.
fn doctor_injected(scene: &Scene, inject: &str) -> Ended {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "-e", &format!("inject={inject}")]);
    strace.arg(TENURE).arg("doctor").arg(scene.path("")).ended()
}

/// Whether processes may be traced shows when the scene starts.
const TRACED: &str = "strace -qq -o /dev/null -e trace=none";

/// The lock is taken by the first call and let go of by the second.
#[test]
fn a_lock_that_cannot_be_let_go_of_is_bad_and_nothing_is_left() {
    elsewhere(TRACED, &["strace"], || {
        let scene = Scene::new();
        let ended = doctor_injected(&scene, "flock:error=EIO:when=2");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(2), ""), "{}", ended.stdout);
        assert_says(&ended, "bad  flock      flock(2) cannot let go of a lock here: EIO");
        assert_eq!(names(&scene.path("")), Vec::<String>::new());
    });
}

#[test]
fn a_file_that_cannot_be_removed_is_named() {
    elsewhere(TRACED, &["strace"], || {
        let scene = Scene::new();
        let ended = doctor_injected(&scene, "unlink,unlinkat:error=EPERM");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(2), ""), "{}", ended.stdout);
        let dir = scene.path("").canonicalize().unwrap();
        let left = names(&dir);
        assert_eq!(left.len(), 2, "{left:?}");
        for name in left {
            let path = dir.join(name);
            let path = path.display();
            assert_says(
                &ended,
                &format!("bad  unlink     {path} was made for the trial, and stays: "),
            );
            assert!(ended.stdout.contains(&format!("remove it: rm {path}\n")), "{}", ended.stdout);
        }
    });
}

/// Directories on an ext4 of its own: `append` with `chattr +a`, `fixed` and `kept` with `chattr +i`,
/// where `kept` has a lockfile.
fn with_attributes(scene: &Scene) -> PathBuf {
    let (image, at) = (scene.path("image"), scene.path("at"));
    fs::File::create_new(&image).unwrap().set_len(32 << 20).unwrap();
    fs::create_dir(&at).unwrap();
    run("mkfs.ext4", ["-q".as_ref(), image.as_os_str()]);
    run("mount", ["-o".as_ref(), "loop".as_ref(), image.as_os_str(), at.as_os_str()]);
    for (name, attribute) in [("append", "+a"), ("fixed", "+i"), ("kept", "+i")] {
        let dir = at.join(name);
        fs::create_dir(&dir).unwrap();
        if name == "kept" {
            fs::write(dir.join("the.lock"), "").unwrap();
        }
        run("chattr", [attribute.as_ref(), dir.as_os_str()]);
    }
    at
}

const ATTRIBUTES: [&str; 3] = ["mkfs.ext4", "chattr", "/dev/loop-control"];

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn where_names_cannot_be_removed_nothing_is_left_and_lockfiles_are_kept() {
    elsewhere("unshare -m", &ATTRIBUTES, || {
        let scene = Scene::new();
        let at = with_attributes(&scene);
        for (name, before) in [("append", &[] as &[&str]), ("kept", &["the.lock"])] {
            let dir = at.join(name);
            let lock = dir.join("the.lock");
            let ended = tenure().arg("doctor").arg(&lock).ended();
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
            assert!(ended.stdout.contains("a release keeps the lockfile"), "{}", ended.stdout);
            assert_says(&ended, "note flock      not tried: ");
            assert_says(&ended, "note link       Hardlink cannot be used here");
            assert_eq!(names(&dir), before, "{name}");
            // That is so.
            let ran = tenure().arg("run").arg(&lock).args(["--", "true"]).ended();
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            assert_eq!(names(&dir), ["the.lock"], "{name}");
            let status = tenure().arg("status").arg(&lock).ended();
            assert!(
                status.stdout.contains("is free") || status.stdout.contains(": free"),
                "{status:?}"
            );
        }
        run("umount", [&at]);
    });
}

#[test]
fn where_no_name_can_be_added_is_bad() {
    elsewhere("unshare -m", &ATTRIBUTES, || {
        let scene = Scene::new();
        let at = with_attributes(&scene);
        let lock = at.join("fixed/the.lock");
        let ended = tenure().arg("doctor").arg(&lock).ended();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(2), ""), "{}", ended.stdout);
        let dir = at.join("fixed").canonicalize().unwrap();
        let dir = dir.display();
        assert_says(&ended, &format!("bad  directory  {dir} is immutable (chattr +i)"));
        assert!(ended.stdout.contains(&format!("-> chattr -i {dir}, or ")), "{}", ended.stdout);
        assert!(!ended.stdout.contains("as the user who is to lock"), "{}", ended.stdout);
        let ran = tenure().arg("run").arg(&lock).args(["--", "true"]).ended();
        assert_ne!(ran.code, Some(0));
        run("umount", [&at]);
    });
}

/// What the doctor says of an empty directory where `mount` with these arguments puts a file system. It
/// leaves nothing.
fn doctor_on_mount(arguments: &[&str]) -> Ended {
    let scene = Scene::new();
    let at = scene.path("");
    run("mount", arguments.iter().map(AsRef::as_ref).chain([at.as_os_str()]));
    let before = names(&at);
    let ended = tenure().arg("doctor").arg(&at).ended();
    assert_eq!(names(&at), before);
    run("umount", ["-l".as_ref(), at.as_os_str()]);
    ended
}

#[test]
fn what_shows_the_kernels_own_keeps_no_lockfiles_and_is_not_tried() {
    elsewhere("unshare -mpf --mount-proc", &[], || {
        for kind in ["proc", "sysfs", "mqueue", "devpts", "bpf", "hugetlbfs"] {
            let ended = doctor_on_mount(&["-t", kind, "none"]);
            assert_eq!(ended.code, Some(2), "{}", ended.stdout);
            assert_says(&ended, &format!("bad  disk       {kind} on "));
            assert!(ended.stdout.contains("keeps no lockfiles"), "{}", ended.stdout);
            assert!(!ended.stdout.contains("flock "), "{}", ended.stdout);
        }
    });
}

#[test]
fn what_this_kernel_has_alone_is_local() {
    elsewhere("unshare -m", &[], || {
        for kind in ["tmpfs", "ramfs", "devtmpfs"] {
            let ended = doctor_on_mount(&["-t", kind, "none"]);
            assert_says(&ended, &format!("ok   disk       {kind} on "));
            assert_says(&ended, "ok   flock      flock(2) excludes");
        }
    });
}

#[test]
fn an_overlay_excludes_those_that_use_it() {
    elsewhere("unshare -m", &[], || {
        let scene = Scene::new();
        let layers = scene.path("");
        run("mount", ["-t".as_ref(), "tmpfs".as_ref(), "layers".as_ref(), layers.as_os_str()]);
        for name in ["lower", "upper", "work"] {
            fs::create_dir(layers.join(name)).unwrap();
        }
        let options = format!(
            "lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work",
            layers.to_str().unwrap().trim_end_matches('/')
        );
        let ended = doctor_on_mount(&["-t", "overlay", "-o", &options, "overlay"]);
        assert_says(&ended, "note disk       overlay on ");
        assert!(ended.stdout.contains("and not those that use its upper directory"), "{ended:?}");
        assert_says(&ended, "ok   flock      flock(2) excludes");
        run("umount", ["-l".as_ref(), layers.as_os_str()]);
    });
}

/// With an sftp-server of this machine, and no ssh between them.
#[test]
fn a_fuse_with_a_name_is_told_what_excludes_its_other_mounts() {
    const SFTP_SERVER: &str = "/usr/lib/openssh/sftp-server";
    elsewhere(SCENE, &["sshfs", "/dev/fuse", SFTP_SERVER], || {
        let scene = Scene::new();
        let (source, at) = (scene.path("source"), scene.path("at"));
        for dir in [&source, &at] {
            fs::create_dir(dir).unwrap();
        }
        let ssh = scene.write("ssh", &format!("#!/bin/sh\nexec {SFTP_SERVER}\n"));
        run("chmod", ["+x".as_ref(), ssh.as_os_str()]);
        let command = format!("ssh_command={}", ssh.display());
        let from = format!("host:{}", source.display());
        run("sshfs", ["-o".as_ref(), command.as_ref(), from.as_ref(), at.as_os_str()]);
        until(|| is_mount(&at));
        let ended = tenure().arg("doctor").arg(at.join("the.lock")).ended();
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert_says(&ended, "warn disk       fuse.sshfs on ");
        assert!(
            ended.stdout.contains("-> keep to this mount, or use the backend Hardlink"),
            "{ended:?}"
        );
        assert_says(
            &ended,
            "ok   flock      flock(2) excludes: tried with two processes on this mount",
        );
        until(|| fs::read_dir(&source).unwrap().next().is_none());
        run("umount", [&at]);
    });
}
