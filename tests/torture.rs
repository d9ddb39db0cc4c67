//! Many processes, killed, stopped and continued at random: never two inside, never nobody.
//!
//! Whether two are inside is seen by an [`oracle`] that does not use this crate, and that has to
//! catch the broken twins: [`naive`], and users of different locks. In some runs the lockfile is deleted under its holders: no
//! lockfile survives that, but everything has to be well again when it ends.
//!
//! `TENURE_TORTURE_SECONDS`: how long all runs take together, 40 unless set.
//! `TENURE_TORTURE_SEED`: what chance begins from; every run says its own.
#![cfg(target_os = "linux")]

#[path = "torture/crew.rs"]
mod crew;
#[path = "torture/naive.rs"]
mod naive;
#[path = "torture/oracle.rs"]
mod oracle;
#[path = "torture/random.rs"]
mod random;
#[path = "torture/rounds.rs"]
mod rounds;
#[path = "torture/stranger.rs"]
mod stranger;
mod support;
#[path = "torture/worker.rs"]
mod worker;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;

use rounds::{Report, Until, torture};
use support::elsewhere::{elsewhere, run};
use tenure::Format;
use worker::{Subject, Underneath};

/// The runs that every file system has to stand: the file removed at each release, and kept.
fn exclusive(name: &str, directory: &Path) {
    for (keep_file, format) in [(false, Format::Json), (true, Format::PidLine)] {
        well(name, directory, Subject::tenure(keep_file, format), false);
    }
}

fn well(name: &str, directory: &Path, subject: Subject, deleting: bool) {
    let report = torture(name, &[directory], subject, deleting, Until::TimeIsUp);
    assert_well(&report);
    clear(directory);
}

fn assert_well(report: &Report) {
    assert_eq!(report.failure, None);
    assert_eq!(report.doubles, 0);
    assert!(report.acquired > 0 && report.kills > 0, "{report:?}");
}

/// What a run with a kept file leaves.
#[expect(clippy::disallowed_methods, reason = "nobody is left to hold it")]
fn clear(directory: &Path) {
    let _ = fs::remove_file(directory.join("test.lock"));
}

/// An image of a file system, mounted in `directory` until the mount namespace ends.
fn mount_image(mkfs: &str, directory: &Path) {
    let image = directory.with_extension("image");
    let file = File::create_new(&image).expect("an image");
    file.set_len(512 << 20).expect("a sparse file");
    run(mkfs, ["-q".as_ref(), image.as_os_str()]);
    run("mount", ["-o".as_ref(), "loop".as_ref(), image.as_os_str(), directory.as_os_str()]);
}

fn on_image(name: &str, mkfs: &str) {
    let place = support::place();
    let directory = place.dir().join("mounted");
    fs::create_dir(&directory).expect("a mount point");
    mount_image(mkfs, &directory);
    let inner = directory.join("in");
    fs::create_dir(&inner).expect("a directory");
    exclusive(name, &inner);
    run("umount", [&directory]);
}

fn on_tmpfs(scene: impl FnOnce(&Path)) {
    let place = support::place();
    run("mount", ["-t".as_ref(), "tmpfs".as_ref(), "none".as_ref(), place.dir().as_os_str()]);
    scene(place.dir());
    // A server of FUSE may be about to end, and still have its store open.
    run("umount", ["-l".as_ref(), place.dir().as_os_str()]);
}

#[test]
fn contenders_exclude_each_other_here() {
    elsewhere("env", &[], || {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        exclusive("the disk", place.path());
    });
}

#[test]
fn contenders_exclude_each_other_on_tmpfs_in_every_format() {
    elsewhere("unshare -m", &[], || {
        on_tmpfs(|directory| {
            exclusive("tmpfs", directory);
            for (keep_file, format) in [(true, Format::Pid), (false, Format::PidBare)] {
                well("tmpfs", directory, Subject::tenure(keep_file, format), false);
            }
        });
    });
}

#[test]
fn contenders_exclude_each_other_on_ext4() {
    elsewhere("unshare -m", &["mkfs.ext4", "/dev/loop-control"], || on_image("ext4", "mkfs.ext4"));
}

#[test]
fn contenders_exclude_each_other_on_xfs() {
    elsewhere("unshare -m", &["mkfs.xfs", "/dev/loop-control"], || on_image("xfs", "mkfs.xfs"));
}

#[test]
fn contenders_exclude_each_other_on_btrfs() {
    let needs = ["mkfs.btrfs", "/dev/loop-control"];
    elsewhere("unshare -m", &needs, || on_image("btrfs", "mkfs.btrfs"));
}

/// As in a container whose image has a lockfile in it: it is copied up when it is recovered.
#[test]
fn contenders_exclude_each_other_on_overlayfs() {
    elsewhere("unshare -m", &[], || {
        on_tmpfs(|directory| {
            for part in ["lower", "upper", "work", "merged"] {
                fs::create_dir(directory.join(part)).unwrap();
            }
            support::leave_stale(&directory.join("lower/test.lock"));
            let [lower, upper, work, merged] =
                ["lower", "upper", "work", "merged"].map(|part| directory.join(part));
            let layers = format!(
                "lowerdir={},upperdir={},workdir={}",
                lower.display(),
                upper.display(),
                work.display()
            );
            let options = ["-t", "overlay", "-o", &layers, "none"].map(OsStr::new);
            run("mount", options.into_iter().chain([merged.as_os_str()]));
            exclusive("overlay", &merged);
            run("umount", [&merged]);
        });
    });
}

/// A third of the processes use flock(2), and a third fcntl(2), without this crate.
///
/// Once the file is kept. Once it is removed: then these do not open it during a release, which is the
/// one race that cannot be closed.
#[test]
fn users_of_flock_and_fcntl_are_excluded() {
    elsewhere("env", &[], || {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for keep_file in [true, false] {
            well("the disk", place.path(), Subject::Beside { keep_file }, false);
        }
    });
}

/// Each mount has a daemon and a cache of its own.
#[test]
fn contenders_exclude_each_other_on_two_fuse_mounts_of_one_store() {
    elsewhere("unshare -mpf --mount-proc --kill-child", &["bindfs", "/dev/fuse"], || {
        on_tmpfs(|directory| {
            let [store, one, two] = ["store", "one", "two"].map(|name| directory.join(name));
            for directory in [&store, &one, &two] {
                fs::create_dir(directory).unwrap();
            }
            for mounted in [&one, &two] {
                let options = ["--enable-lock-forwarding", "--multithreaded"].map(OsStr::new);
                run("bindfs", options.into_iter().chain([store.as_os_str(), mounted.as_os_str()]));
            }
            for format in [Format::Json, Format::PidLine] {
                let subject = Subject::tenure(false, format);
                let report = torture("FUSE", &[&one, &two], subject, false, Until::TimeIsUp);
                assert_well(&report);
                clear(&store);
            }
            run("umount", ["-l".as_ref(), one.as_os_str(), two.as_os_str()]);
        });
    });
}

/// With other locks underneath; of semaphores, those of a namespace of its own.
#[test]
fn contenders_exclude_each_other_with_hardlink_and_semaphore() {
    elsewhere("unshare -m --ipc", &[], || {
        on_tmpfs(|directory| {
            for (underneath, keep_file) in [
                (Underneath::Hardlink, false),
                (Underneath::Hardlink, true),
                (Underneath::Semaphore, false),
            ] {
                let subject = Subject::Tenure { keep_file, format: Format::Json, underneath };
                well("tmpfs", directory, subject, false);
            }
        });
    });
}

/// In a mount namespace that has semaphores of its own.
#[test]
fn contenders_exclude_each_other_with_posix_semaphore() {
    elsewhere("unshare -m", &[], || {
        run("mount", ["-t", "tmpfs", "none", "/dev/shm"]);
        on_tmpfs(|directory| {
            for keep_file in [false, true] {
                let underneath = Underneath::PosixSemaphore;
                let subject = Subject::Tenure { keep_file, format: Format::Json, underneath };
                well("tmpfs", directory, subject, false);
            }
        });
        // Of other C libraries, whatever their `sem_open(3)` leaves.
        if cfg!(target_env = "gnu") {
            let names = fs::read_dir("/dev/shm").expect("it is there").count();
            assert_eq!(names, 1, "the dead have left nothing but the semaphore");
        }
        run("umount", ["/dev/shm"]);
    });
}

#[test]
fn deletions_are_survived() {
    elsewhere("env", &[], || {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        deletions("the disk", place.path());
    });
}

#[test]
fn deletions_are_survived_on_tmpfs() {
    elsewhere("unshare -m", &[], || on_tmpfs(|directory| deletions("tmpfs", directory)));
}

/// Nobody crashes or hangs while somebody deletes the lockfile, and then all is well again.
fn deletions(name: &str, directory: &Path) {
    for keep_file in [false, true] {
        let subject = Subject::tenure(keep_file, Format::Json);
        well(name, directory, subject, true);
    }
}

/// Without the look whether the path still names the locked file, this is what happens.
#[test]
fn the_broken_twin_is_caught() {
    elsewhere("env", &[], || {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let report = torture("the disk", &[place.path()], Subject::Naive, false, Until::Caught);
        assert!(report.doubles > 0, "{report:?}");
    });
}

/// On a local file system flock(2) and fcntl(2) do not exclude each other.
#[test]
fn a_holder_with_one_of_two_locks_is_caught() {
    elsewhere("env", &[], || {
        let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let subject = Subject::Strangers;
        let report = torture("the disk", &[place.path()], subject, false, Until::Caught);
        assert!(report.doubles > 0, "{report:?}");
    });
}
