//! Symbolic links that are the locks of other programs: read, never followed, never replaced.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::parent_id;
use std::path::Path;

use crate::kinds::{Opener, make_fifo};
use crate::scene::{ask, remove};
use crate::support::{NO_PROCESS, place};

const OBSTACLE: &str = "it is a symbolic link, which is never followed and never replaced; remove \
    the link";

fn host() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("Linux has it");
    host.trim().to_owned()
}

/// The targets by which other programs say that the process has the lock.
fn targets(host: &str, pid: u32) -> [String; 5] {
    [
        format!("{host}-{pid}"),
        format!("{host}:{pid}"),
        format!("ann@{host}.{pid}"),
        format!("ann@{host}.{pid}:1700000000"),
        format!("ann@corp@{host}.{pid}"),
    ]
}

#[test]
fn a_link_that_names_a_live_process_is_busy() {
    let place = place();
    for target in targets(&host(), parent_id()) {
        symlink(&target, &place.path).unwrap();
        ask(&place.path).are_busy(&place.path, parent_id());
        remove(&place.path);
    }
}

#[test]
fn a_link_that_names_a_dead_process_is_stale_and_not_replaced() {
    let place = place();
    for target in targets(&host(), NO_PROCESS) {
        symlink(&target, &place.path).unwrap();
        ask(&place.path).are_dead(&place.path, NO_PROCESS, OBSTACLE);
        remove(&place.path);
    }
}

#[test]
fn a_link_that_names_another_host_is_busy() {
    let place = place();
    for target in targets("elsewhere.example", NO_PROCESS) {
        symlink(&target, &place.path).unwrap();
        ask(&place.path).are_unproven(&place.path, NO_PROCESS);
        remove(&place.path);
    }
}

/// As u-root makes it: the link leads to a file beside it, with the PID in it.
fn link_to_pid_file(path: &Path, content: &str) {
    let file = path.with_file_name("test.lock-123");
    fs::write(&file, content).expect("its directory is ours");
    if !path.is_symlink() {
        symlink(&file, path).expect("it is not there yet");
    }
}

#[test]
fn a_link_to_a_pid_file_beside_it_is_that_process_s_lock() {
    let place = place();
    link_to_pid_file(&place.path, &format!("{}\n", parent_id()));
    ask(&place.path).are_busy(&place.path, parent_id());
    link_to_pid_file(&place.path, &NO_PROCESS.to_string());
    ask(&place.path).are_dead(&place.path, NO_PROCESS, OBSTACLE);
}

#[test]
fn a_link_to_a_file_beside_it_without_a_pid_is_no_lock() {
    let place = place();
    for content in ["", "precious", "0", "-1", &"4".repeat(10_000)] {
        link_to_pid_file(&place.path, content);
        ask(&place.path).are_all("NotALockfile", &place.path, &["is a symbolic link"]);
    }
}

#[test]
fn a_link_to_a_pid_file_is_believed_only_beside_it_and_named_after_it() {
    let place = place();
    fs::create_dir(place.dir().join("sub")).unwrap();
    for name in ["sub/test.lock-123", "other-123", "test.lock123"] {
        let file = place.dir().join(name);
        fs::write(&file, parent_id().to_string()).unwrap();
        symlink(&file, &place.path).unwrap();
        ask(&place.path).are_all("NotALockfile", &place.path, &["is a symbolic link"]);
        remove(&place.path);
    }
}

#[test]
fn a_link_by_way_of_a_second_link_is_no_lock() {
    let place = place();
    let between = place.dir().join("test.lock-123");
    fs::write(place.dir().join("pid"), parent_id().to_string()).unwrap();
    symlink(place.dir().join("pid"), &between).unwrap();
    symlink(&between, &place.path).unwrap();
    ask(&place.path).are_all("NotALockfile", &place.path, &["is a symbolic link"]);
}

#[test]
fn a_link_to_a_fifo_beside_it_is_no_lock_and_wakes_nobody() {
    let place = place();
    let fifo = place.dir().join("test.lock-123");
    make_fifo(&fifo);
    symlink(&fifo, &place.path).unwrap();
    for redirection in ["<", ">"] {
        let opener = Opener::start(&fifo, redirection);
        ask(&place.path).are_all("NotALockfile", &place.path, &["is a symbolic link"]);
        assert!(opener.waits(), "{redirection}");
    }
}
