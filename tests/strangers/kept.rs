//! A file that tenure did not create stays, with its inode.

use std::fs;
use std::path::Path;

use tenure::Lockfile;

use crate::program::Scene;
use crate::scene::{dead, inode};
use crate::support::{Peer, place};

/// A file of another program, and whether a contender has to be told to overwrite it.
fn found() -> [(&'static str, String, bool); 5] {
    [
        ("empty", String::new(), false),
        ("blank", "   ".to_owned(), false),
        ("dead PID", format!("{}\n", dead()), false),
        ("dead PID and a host", format!("{} {}\n", dead(), host()), false),
        ("garbage", "\u{2603} not a lockfile\n".to_owned(), true),
    ]
}

fn host() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned()
}

fn cycle(path: &Path, replace: bool) {
    let mut lock = Lockfile::new(path).replace_invalid(replace);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
}

#[test]
fn a_found_file_keeps_its_inode_through_many_cycles() {
    for (name, content, replace) in found() {
        let place = place();
        fs::write(&place.path, content).unwrap();
        let found = inode(&place.path);
        for _ in 0..5 {
            cycle(&place.path, replace);
            assert_eq!(inode(&place.path), found, "{name}");
        }
    }
}

#[test]
fn a_found_file_keeps_its_inode_through_a_crash_of_a_tenure_holder() {
    for (name, content, replace) in found() {
        let place = place();
        fs::write(&place.path, content).unwrap();
        let found = inode(&place.path);
        // Afterwards, the record of tenure is in the file.
        cycle(&place.path, replace);
        for _ in 0..3 {
            Peer::holding(&place.path).crash();
            assert_eq!(inode(&place.path), found, "{name}");
            cycle(&place.path, false);
            assert_eq!(inode(&place.path), found, "{name}");
        }
    }
}

#[test]
fn a_found_file_keeps_its_inode_when_its_first_tenure_holder_crashes() {
    for (name, content, replace) in found() {
        if replace {
            continue;
        }
        let place = place();
        fs::write(&place.path, content).unwrap();
        let found = inode(&place.path);
        Peer::holding(&place.path).crash();
        cycle(&place.path, false);
        assert_eq!(inode(&place.path), found, "{name}");
    }
}

/// The formats of a bare PID do not keep who made the file.
#[test]
fn a_found_file_keeps_its_inode_in_every_format() {
    for option in ["pid", "pid-bare", "pid-line"] {
        for (name, content, replace) in found() {
            if replace {
                continue;
            }
            let place = place();
            fs::write(&place.path, content).unwrap();
            let found = inode(&place.path);
            let mut peer = Peer::with(&place.path, option);
            assert_eq!(peer.ask("try_lock"), "ok");
            assert_eq!(peer.ask("unlock"), "ok");
            assert_eq!(inode(&place.path), found, "{option}: {name}");
            assert_eq!(peer.ask("try_lock"), "ok");
            peer.crash();
            let mut peer = Peer::with(&place.path, option);
            assert_eq!(peer.ask("try_lock"), "ok");
            assert_eq!(peer.ask("unlock"), "ok");
            assert_eq!(inode(&place.path), found, "{option}: {name}, after a crash");
        }
    }
}

#[test]
fn a_found_file_keeps_its_inode_when_a_holder_that_shares_releases_it() {
    for (name, content, replace) in found() {
        if replace {
            continue;
        }
        let place = place();
        fs::write(&place.path, content).unwrap();
        let found = inode(&place.path);
        for _ in 0..3 {
            let mut lock = Lockfile::new(&place.path);
            lock.try_lock_shared().unwrap();
            lock.unlock().unwrap();
            assert_eq!(inode(&place.path), found, "{name}");
        }
    }
}

#[test]
fn a_found_file_keeps_its_inode_through_runs_of_the_program() {
    for (name, content, replace) in found() {
        if replace {
            continue;
        }
        let scene = Scene::new();
        let path = scene.write("the.lock", &content);
        let found = inode(&path);
        for _ in 0..3 {
            let mut holder = scene.holder(&[]);
            assert_eq!(holder.end().code, Some(0));
            assert_eq!(inode(&path), found, "{name}");
        }
        scene.left_behind();
        let mut holder = scene.holder(&[]);
        assert_eq!(holder.end().code, Some(0));
        assert_eq!(inode(&path), found, "{name}, after a crash");
    }
}

#[test]
fn a_file_that_tenure_created_goes_with_the_release() {
    let place = place();
    cycle(&place.path, false);
    assert!(place.names().is_empty());
    Peer::holding(&place.path).crash();
    cycle(&place.path, false);
    assert!(place.names().is_empty());
}
