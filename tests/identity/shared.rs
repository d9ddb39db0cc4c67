//! A file system that others may reach, with kernel locks that are good for one mount alone: FUSE.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use tenure::{Lockfile, State, Verdict, Why};

use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, leave_stale, place};
use crate::vocabulary::{
    Contained, FUSE, FUSE_SCENE, Fuse, assert_busy, assert_recovered, start_anew, verdict,
};

/// Runs a scene with two mounts of one directory.
fn with_two_mounts(scene: impl FnOnce(PathBuf, PathBuf)) {
    let place = place();
    let source = place.dir().join("source");
    let [one, two] = ["one", "two"].map(|name| Fuse::mount(&source, place.dir().join(name)));
    scene(one.path(), two.path());
}

#[test]
fn in_a_container_an_earlier_boot_may_be_another_host() {
    elsewhere(FUSE_SCENE, &FUSE, || {
        with_two_mounts(|path, _| {
            leave_stale(&path);
            assert_eq!(verdict(&path), Verdict::Stale(Why::Dead));
            let mut contender = Peer::start(&path);
            start_anew(&path);
            assert_eq!(contender.ask("verdict"), "Some(Unproven(ForeignHost))");
            assert_eq!(contender.ask("status"), "unproven");
            assert!(contender.ask("try_lock").starts_with("Busy: "));
            assert!(contender.ask("release_stale").starts_with("Busy: "));
            assert!(path.exists());
        });
    });
}

#[test]
fn outside_of_containers_an_earlier_boot_of_this_machine_is_told_by_its_id() {
    let needs = [FUSE[0], FUSE[1], "/etc/machine-id"];
    elsewhere("unshare -m", &needs, || {
        with_two_mounts(|path, _| {
            leave_stale(&path);
            let mut contender = Peer::start(&path);
            start_anew(&path);
            // pid_namespaces(7): the initial one has a number of its own.
            let initial = fs::metadata("/proc/self/ns/pid").unwrap().ino() == 0xEFFF_FFFC;
            if initial {
                assert_eq!(contender.ask("try_lock"), "ok");
                assert_eq!(contender.ask("why"), "Stale(Rebooted)");
            } else {
                assert_eq!(contender.ask("verdict"), "Some(Unproven(ForeignHost))");
            }
        });
    });
}

#[test]
fn a_free_kernel_lock_proves_nothing_where_each_mount_has_its_own() {
    elsewhere(FUSE_SCENE, &FUSE, || {
        with_two_mounts(|one, two| {
            let mut holder = Contained::holding(&one);
            assert_busy(&one, Verdict::Live);
            assert_busy(&two, Verdict::Unproven(Why::OtherMount));
            assert_eq!(Lockfile::new(&two).status().unwrap().state(), State::Unproven);
            assert_eq!(holder.peer.ask("verify"), "ok");
            holder.crash();
            // It is dead; but who could tell, through the other mount?
            assert_busy(&two, Verdict::Unproven(Why::OtherMount));
            assert_recovered(&one, Why::OtherNamespace);
        });
    });
}

#[test]
fn in_one_namespace_the_process_is_judged_through_every_mount() {
    elsewhere(FUSE_SCENE, &FUSE, || {
        with_two_mounts(|one, two| {
            let holder = Peer::holding(&one);
            assert_busy(&one, Verdict::Live);
            assert_busy(&two, Verdict::Live);
            holder.crash();
            assert_recovered(&two, Why::Dead);
        });
    });
}

#[test]
fn a_bare_pid_may_be_that_of_any_host() {
    elsewhere(FUSE_SCENE, &FUSE, || {
        with_two_mounts(|path, _| {
            let peer = Peer::start(&path);
            fs::write(&path, peer.pid().to_string()).unwrap();
            assert_busy(&path, Verdict::Live);
            peer.crash();
            assert_busy(&path, Verdict::Unproven(Why::ForeignHost));
        });
    });
}
