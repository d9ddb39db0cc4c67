//! The table in docs/filesystems.md. Each test mounts the file system of one row, and tries it.
//!
//! Each row has these trials: one process wins each of 200 races, holders do not overlap in contention,
//! a dead holder is recovered, and a release removes or keeps the file. Contenders use both sides of a
//! row that has two. More tests try a holder in a container against a contender on the host. The oracle
//! is a lock on another file system. It has to catch a program that takes no lock.
//!
//! `TENURE_FILESYSTEM_SECONDS`: how long each row contends, 2 unless set.
#![cfg(all(target_os = "linux", feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "filesystems/mounts.rs"]
mod mounts;
#[path = "filesystems/program.rs"]
mod program;
#[path = "filesystems/remembered.rs"]
mod remembered;
#[path = "filesystems/row.rs"]
mod row;
mod support;

use std::fs;
use std::path::Path;

use mounts::{GLUSTER_STATE, Ground, Mount, SFTP_SERVER};
use program::{BUSY, FAILED, Program};
use row::{Release, Row};
use support::elsewhere::elsewhere;

/// In a PID namespace, so that no server outlives the scene.
const SCENE: &str = "unshare -mpf --mount-proc --kill-child";
/// `GlusterFS` has addresses, too.
const SCENE_WITH_NETWORK: &str = "unshare -mnpf --mount-proc --kill-child";
/// In the PID namespace that the tests run in: the host of the containers.
const HOST: &str = "unshare -m";

const LOOP: &str = "/dev/loop-control";
const FUSE: &str = "/dev/fuse";

const FORWARDING: [&str; 2] = ["--enable-lock-forwarding", "--multithreaded"];

fn both(mounts: &[Mount; 2]) -> [&Path; 2] {
    mounts.each_ref().map(Mount::at)
}

/// All contenders see the same names: the backend is flock(2), and a release removes the file.
fn local<'a>(ground: &Ground, name: &'a str, directory: &'a Path) -> Row<'a> {
    Row {
        name,
        sides: [directory, directory],
        program: Program::Tenure,
        release: Release::Removes,
        refusals: &[BUSY],
        oracle: ground.file("oracle", ""),
    }
}

/// flock(2) excludes, but a kernel can remember old names: a release keeps the file.
fn kept<'a>(ground: &Ground, name: &'a str, sides: [&'a Path; 2]) -> Row<'a> {
    Row { sides, release: Release::Keeps, ..local(ground, name, sides[0]) }
}

/// flock(2) does not exclude: the backend is `Hardlink`, whose lock is the name.
fn linked<'a>(ground: &Ground, name: &'a str, sides: [&'a Path; 2]) -> Row<'a> {
    Row { sides, program: Program::Linked, ..local(ground, name, sides[0]) }
}

#[test]
fn tmpfs() {
    elsewhere(SCENE, &[], || {
        let ground = Ground::new();
        let mount = ground.tmpfs("tried");
        local(&ground, "tmpfs", mount.at()).stands();
    });
}

fn on_image(name: &str, mkfs: &str) {
    let ground = Ground::new();
    let mount = ground.image(mkfs);
    let directory = mount.at().join("directory");
    fs::create_dir(&directory).unwrap();
    local(&ground, name, &directory).stands();
}

#[test]
fn ext4() {
    elsewhere(SCENE, &["mkfs.ext4", LOOP], || on_image("ext4", "mkfs.ext4"));
}

#[test]
fn xfs() {
    elsewhere(SCENE, &["mkfs.xfs", LOOP], || on_image("xfs", "mkfs.xfs"));
}

#[test]
fn btrfs() {
    elsewhere(SCENE, &["mkfs.btrfs", LOOP], || on_image("btrfs", "mkfs.btrfs"));
}

#[test]
fn overlay() {
    elsewhere(SCENE, &[], || {
        let ground = Ground::new();
        let (_layers, merged) = ground.overlay();
        local(&ground, "overlay, merged", merged.at()).stands();
    });
}

/// The kernel calls this undefined: the merged directory goes on with files that the other side has
/// removed. A contender there fails with an error, and does not get in.
#[test]
fn overlay_and_its_upper_directory() {
    elsewhere(SCENE, &[], || {
        let ground = Ground::new();
        let (layers, merged) = ground.overlay();
        let upper = layers.at().join("upper");
        let row = linked(&ground, "overlay, merged and upper", [merged.at(), &upper]);
        Row { refusals: &[BUSY, FAILED], ..row }.stands();
    });
}

#[test]
fn bindfs() {
    elsewhere(SCENE, &["bindfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.bindfs(store.at(), "mounted", &[]);
        kept(&ground, "bindfs, one mount", [mount.at(), mount.at()]).stands();
    });
}

#[test]
fn two_mounts_of_bindfs() {
    elsewhere(SCENE, &["bindfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mounts = ["one", "two"].map(|name| ground.bindfs(store.at(), name, &[]));
        linked(&ground, "bindfs, two mounts", both(&mounts)).stands();
    });
}

#[test]
fn two_mounts_of_bindfs_that_forward_locks() {
    elsewhere(SCENE, &["bindfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mounts = ["one", "two"].map(|name| ground.bindfs(store.at(), name, &FORWARDING));
        kept(&ground, "bindfs, two mounts that forward locks", both(&mounts)).stands();
    });
}

#[test]
fn bindfs_and_its_store() {
    elsewhere(SCENE, &["bindfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.bindfs(store.at(), "mounted", &[]);
        linked(&ground, "bindfs, mount and store", [mount.at(), store.at()]).stands();
    });
}

/// The kernel of the store knows nothing of the mount, so both sides have to ask for a kept file.
#[test]
fn bindfs_that_forwards_locks_and_its_store() {
    elsewhere(SCENE, &["bindfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.bindfs(store.at(), "mounted", &FORWARDING);
        let sides = [mount.at(), store.at()];
        let row = kept(&ground, "bindfs, mount that forwards locks and store", sides);
        Row { program: Program::TenureKeeping, ..row }.stands();
    });
}

#[test]
fn mergerfs() {
    elsewhere(SCENE, &["mergerfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.mergerfs(store.at(), "mounted");
        kept(&ground, "mergerfs, one mount", [mount.at(), mount.at()]).stands();
    });
}

#[test]
fn two_mounts_of_mergerfs() {
    elsewhere(SCENE, &["mergerfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mounts = ["one", "two"].map(|name| ground.mergerfs(store.at(), name));
        linked(&ground, "mergerfs, two mounts", both(&mounts)).stands();
    });
}

#[test]
fn mergerfs_and_its_store() {
    elsewhere(SCENE, &["mergerfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.mergerfs(store.at(), "mounted");
        linked(&ground, "mergerfs, mount and store", [mount.at(), store.at()]).stands();
    });
}

#[test]
fn sshfs() {
    elsewhere(SCENE, &["sshfs", SFTP_SERVER, FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.sshfs(store.at(), "mounted");
        kept(&ground, "sshfs, one mount", [mount.at(), mount.at()]).stands();
    });
}

#[test]
fn two_mounts_of_sshfs() {
    elsewhere(SCENE, &["sshfs", SFTP_SERVER, FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mounts = ["one", "two"].map(|name| ground.sshfs(store.at(), name));
        linked(&ground, "sshfs, two mounts", both(&mounts)).stands();
    });
}

#[test]
fn sshfs_and_its_store() {
    elsewhere(SCENE, &["sshfs", SFTP_SERVER, FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.sshfs(store.at(), "mounted");
        linked(&ground, "sshfs, mount and store", [mount.at(), store.at()]).stands();
    });
}

#[test]
fn gocryptfs() {
    elsewhere(SCENE, &["gocryptfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.gocryptfs_store();
        let mount = ground.gocryptfs(store.at(), "mounted", &[]);
        kept(&ground, "gocryptfs, one mount", [mount.at(), mount.at()]).stands();
    });
}

#[test]
fn two_mounts_of_gocryptfs() {
    elsewhere(SCENE, &["gocryptfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.gocryptfs_store();
        let options = ["-sharedstorage"];
        let mounts = ["one", "two"].map(|name| ground.gocryptfs(store.at(), name, &options));
        linked(&ground, "gocryptfs, two mounts", both(&mounts)).stands();
    });
}

#[test]
fn securefs() {
    elsewhere(SCENE, &["securefs", FUSE], || {
        let ground = Ground::new();
        let (_store, mount) = ground.securefs();
        kept(&ground, "securefs, one mount", [mount.at(), mount.at()]).stands();
    });
}

#[test]
fn two_clients_of_glusterfs() {
    let needs = [&["glusterd", "gluster", "mount.glusterfs", "ip", FUSE], &GLUSTER_STATE[..]];
    elsewhere(SCENE_WITH_NETWORK, &needs.concat(), || {
        let ground = Ground::new();
        let (_state, clients) = ground.glusterfs();
        kept(&ground, "GlusterFS, two clients", both(&clients)).stands();
    });
}

/// Tries the default backend, because a user may not know of the mount, and then `Hardlink`.
fn no_holder_is_robbed(ground: &Ground, name: &str, mounted: &Path, store: &Path) {
    let row = linked(ground, name, [mounted, store]);
    let failures = [Program::Tenure, Program::Linked]
        .map(|program| Row { program, oracle: row.oracle.clone(), ..row }.container_failures());
    let failures = failures.concat();
    assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
}

#[test]
fn no_holder_is_robbed_through_overlay() {
    elsewhere(HOST, &[], || {
        let ground = Ground::new();
        let (layers, merged) = ground.overlay();
        no_holder_is_robbed(&ground, "overlay", merged.at(), &layers.at().join("upper"));
    });
}

#[test]
fn no_holder_is_robbed_through_bindfs() {
    elsewhere(HOST, &["bindfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.bindfs(store.at(), "mounted", &[]);
        no_holder_is_robbed(&ground, "bindfs", mount.at(), store.at());
    });
}

#[test]
fn no_holder_is_robbed_through_mergerfs() {
    elsewhere(HOST, &["mergerfs", FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.mergerfs(store.at(), "mounted");
        no_holder_is_robbed(&ground, "mergerfs", mount.at(), store.at());
    });
}

#[test]
fn no_holder_is_robbed_through_sshfs() {
    elsewhere(HOST, &["sshfs", SFTP_SERVER, FUSE], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.sshfs(store.at(), "mounted");
        no_holder_is_robbed(&ground, "sshfs", mount.at(), store.at());
    });
}

/// The broken twin: each trial finds it.
#[test]
fn a_program_that_takes_no_lock_is_caught() {
    elsewhere(SCENE, &[], || {
        let ground = Ground::new();
        let mount = ground.tmpfs("tried");
        let row = kept(&ground, "tmpfs, without a lock, a broken twin", [mount.at(), mount.at()]);
        let row = Row { program: Program::Unlocked, ..row };
        let failures = [row.failures(), row.container_failures()].concat();
        for trial in ["races", "contention", "a dead holder", "a holder in", "a holder on"] {
            let caught = failures.iter().any(|failure| failure.starts_with(trial));
            assert!(caught, "{trial}: {failures:?}");
        }
    });
}
