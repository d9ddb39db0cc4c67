//! A lock is had on the file that the path names, and not on one that has gone.
//!
//! flock(1) does not look: it would run its command together with the next holder of the new file.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::support::{CommandExtension, Running, Scene, tenure, until};

/// `tenure flock`, which holds the lock until its input is closed.
fn flock(scene: &Scene, options: &[&str]) -> Command {
    let mut flock = tenure();
    flock.arg("flock").args(options).arg(scene.lock()).arg("cat");
    flock
}

/// The same, once it waits.
fn waiting(scene: &Scene, options: &[&str]) -> Running {
    let flock = Running::start(flock(scene, options));
    until(|| waits_for(&flock, ""));
    flock
}

/// Whether `flock` is in the kernel's queue, for the file that `inode` may name.
fn waits_for(flock: &Running, inode: &str) -> bool {
    let pid = format!(" {} ", flock.pid());
    let is_so =
        |line: &str| line.contains("-> FLOCK") && line.contains(&pid) && line.contains(inode);
    fs::read_to_string("/proc/locks").unwrap().lines().any(is_so)
}

/// Asserts that the lock is held by way of the path.
fn assert_held(scene: &Scene) {
    assert!(scene.lock().exists());
    let ended = scene.run(&[], &["true"]).ended();
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
}

#[test]
fn who_waits_for_a_file_that_run_removes_gets_one_that_others_find() {
    for options in [&[][..], &["-w", "600"]] {
        let scene = Scene::new();
        let mut holder = scene.holder(&[]);
        let mut flock = waiting(&scene, options);
        assert_eq!(holder.end().code, Some(0));
        flock.shakes_hands();
        assert_held(&scene);
        assert_eq!(flock.end().code, Some(0));
        assert!(scene.lock().exists(), "it removes nothing");
    }
}

#[test]
fn who_waits_for_a_file_that_is_replaced_waits_for_the_other_one_too() {
    let scene = Scene::new();
    let mut first = Running::start(flock(&scene, &[]));
    first.shakes_hands();
    let mut flock = waiting(&scene, &[]);
    fs::rename(scene.lock(), scene.path("elsewhere")).unwrap();
    let mut second = scene.holder(&[]);
    // It has the first, and finds the second.
    assert_eq!(first.end().code, Some(0));
    let inode = format!(":{} ", fs::metadata(scene.lock()).unwrap().ino());
    until(|| waits_for(&flock, &inode));
    assert_eq!(second.end().code, Some(0));
    flock.shakes_hands();
    assert_held(&scene);
    assert_eq!(flock.end().code, Some(0));
}

#[test]
fn a_directory_that_has_gone_is_not_created_as_a_file() {
    let scene = Scene::new();
    fs::create_dir(scene.lock()).unwrap();
    let mut holder = Running::start(flock(&scene, &[]));
    holder.shakes_hands();
    let mut flock = waiting(&scene, &[]);
    fs::remove_dir(scene.lock()).unwrap();
    assert_eq!(holder.end().code, Some(0));
    flock.shakes_hands();
    assert!(!scene.lock().exists());
    assert_eq!(flock.end().code, Some(0));
}
