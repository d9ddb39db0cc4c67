//! File systems that are not what a disk of one's own is. FUSE, because it can be had everywhere; and
//! what others do not offer (FAT has no links), strace(1) takes from its server.

use std::path::Path;
use std::process::{Command, Stdio};

use tenure::{Error, Lockfile, Verdict, Why};

use crate::scene::{
    copy, elsewhere as of_another_host, holding, leave_stale, linked, peer, record,
};
use crate::support::elsewhere::{elsewhere, run};
use crate::support::{place, wait_until};

/// In a PID namespace, so that no daemon remains.
const SCENE: &str = "unshare -mpf --mount-proc --kill-child";
const FUSE: [&str; 3] = ["bindfs", "/dev/fuse", "strace"];

/// Runs `test` with a lockfile's path on FUSE.
fn on_fuse(test: impl FnOnce(&Path)) {
    let place = place();
    let (source, at) = (place.dir().join("source"), place.dir().join("at"));
    for dir in [&source, &at] {
        std::fs::create_dir(dir).unwrap();
    }
    run("bindfs", [&source, &at]);
    test(&at.join("test.lock"));
    wait_until(|| names(&at).is_empty());
    run("umount", [&at]);
}

/// The same, where the file system refuses as strace(1) is told.
fn on_refusing_fuse(options: &[&str], inject: &str, test: impl FnOnce(&Path)) {
    let place = place();
    let (source, at) = (place.dir().join("source"), place.dir().join("at"));
    for dir in [&source, &at] {
        std::fs::create_dir(dir).unwrap();
    }
    let mut server = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={inject}")])
        .args(["bindfs", "-f"])
        .args(options)
        .args([&source, &at])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    wait_until(|| is_mount(&at));
    test(&at.join("test.lock"));
    // The server hears late that a file was closed.
    wait_until(|| names(&source).is_empty());
    run("umount", [&at]);
    server.wait().unwrap();
}

pub(crate) fn is_mount(at: &Path) -> bool {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    mounts.lines().any(|line| line.split(' ').nth(1) == at.to_str())
}

pub(crate) fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn on_fuse_it_works_as_elsewhere() {
    elsewhere(SCENE, &FUSE, || {
        on_fuse(|path| {
            let mut holder = holding(path);
            // FUSE and NFS keep what is removed while it is open, by another name.
            assert_eq!(names(path.parent().unwrap()), ["test.lock"]);
            assert_eq!(holder.ask("set_message on FUSE"), "ok");
            assert_eq!(record(path).message.as_deref(), Some("on FUSE"));
            assert_eq!(holder.ask("verify"), "ok");
            let mut waiter = peer(path);
            assert!(waiter.ask("try_lock").starts_with("Busy: "));
            waiter.tell("lock");
            waiter.wait_until_in(nix::libc::SYS_ppoll);
            assert_eq!(holder.ask("unlock"), "ok");
            assert_eq!(waiter.answer(), "ok");
            let dead = waiter.crash();
            let mut lock = linked(path);
            lock.try_lock().unwrap();
            assert_eq!(lock.recovered_from().unwrap().pid(), dead);
        });
    });
}

/// What the kernel remembers of the name is not what is there.
#[test]
fn a_holder_that_was_replaced_on_another_host_does_not_remove_the_new_one() {
    elsewhere(SCENE, &FUSE, || {
        on_fuse(|path| {
            let mut holder = holding(path);
            let there = path.parent().unwrap().with_file_name("source").join("test.lock");
            crate::scene::remove(&there);
            let mut other = holding(&there);
            assert!(holder.ask("unlock").starts_with("RogueDeletion: "));
            assert_eq!(other.ask("verify"), "ok");
        });
    });
}

#[test]
fn on_fuse_an_earlier_boot_may_be_another_host() {
    elsewhere(SCENE, &FUSE, || {
        on_fuse(|path| {
            leave_stale(path);
            copy(path, path, of_another_host);
            let err = linked(path).try_lock().unwrap_err();
            assert_eq!(err.holder().unwrap().verdict(), Verdict::Unproven(Why::ForeignHost));
            crate::scene::remove(path);
        });
    });
}

#[test]
fn where_there_is_no_flock_there_are_links() {
    elsewhere(SCENE, &FUSE, || {
        let forwarding = ["--enable-lock-forwarding", "--multithreaded"];
        on_refusing_fuse(&forwarding, "flock:error=EOPNOTSUPP", |path| {
            let err = Lockfile::acquire(path).unwrap_err();
            assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
            let mut lock = linked(path);
            lock.try_lock().unwrap();
            assert!(peer(path).ask("try_lock").starts_with("Busy: "));
            lock.unlock().unwrap();
        });
    });
}

#[test]
fn where_there_are_no_links_nothing_is_left() {
    elsewhere(SCENE, &FUSE, || {
        for error in ["EPERM", "ENOSYS", "EOPNOTSUPP", "EMLINK"] {
            on_refusing_fuse(&[], &format!("link,linkat:error={error}"), |path| {
                let err = linked(path).try_lock().unwrap_err();
                assert!(matches!(err, Error::Unsupported { .. }), "{err:?}");
                let text = err.to_string();
                assert!(text.contains("cannot be locked by hardlink here"), "{text}");
                assert!(text.contains("its file system makes no hard links"), "{text}");
            });
        }
    });
}
