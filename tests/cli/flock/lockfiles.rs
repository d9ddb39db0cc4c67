//! flock and the lockfiles of this crate exclude each other, and none harms the other.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::json;
use tenure::{Lockfile, State};

use crate::support::{CommandExtension, Ended, Running, Scene, tenure};

/// Both of them, called so that they speak alike.
fn both(scene: &Scene) -> [Command; 2] {
    let mut ours = tenure();
    ours.arg("flock");
    [Command::new("flock"), ours].map(|mut flock| {
        flock.current_dir(scene.path(""));
        flock
    })
}

fn with(scene: &Scene, options: &[&str]) -> [Ended; 2] {
    both(scene).map(|mut flock| flock.args(options).arg(scene.lock()).args(["echo", "ran"]).ended())
}

/// Either of them, which holds the lock until its standard input is closed.
fn holders(scene: &Scene, options: &[&str]) -> [Command; 2] {
    both(scene).map(|mut flock| {
        flock.args(options).arg(scene.lock()).arg("cat");
        flock
    })
}

fn hold(holder: Command) -> Running {
    let mut holder = Running::start(holder);
    holder.shakes_hands();
    holder
}

#[test]
fn what_run_holds_is_a_conflict() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    for options in [&["-n"][..], &["-s", "-n"], &["-w", "0.01"]] {
        for ended in with(&scene, options) {
            assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(1), "", ""));
        }
    }
    assert_eq!(holder.end().code, Some(0), "it did not notice");
    for ended in with(&scene, &["-n"]) {
        assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(0), "ran\n", ""));
    }
}

#[test]
fn what_flock_holds_is_busy() {
    let scene = Scene::new();
    for holder in holders(&scene, &[]) {
        let mut holder = hold(holder);
        let ended = scene.run(&[], &["echo", "ran"]).ended();
        assert_eq!((ended.code, &*ended.stdout), (Some(75), ""), "{}", ended.stderr);
        assert!(Lockfile::acquire(scene.lock()).unwrap_err().is_busy());
        assert!(Lockfile::new(scene.lock()).try_lock_shared().unwrap_err().is_busy());
        assert_eq!(Lockfile::new(scene.lock()).status().unwrap().state(), State::Held);
        assert_eq!(holder.end().code, Some(0));
        assert_eq!(fs::read(scene.lock()).unwrap(), b"", "it writes nothing");
    }
    let ended = scene.run(&[], &["echo", "ran"]).ended();
    assert_eq!((ended.code, &*ended.stdout), (Some(0), "ran\n"), "{}", ended.stderr);
}

#[test]
fn what_flock_shares_the_library_shares() {
    let scene = Scene::new();
    for holder in holders(&scene, &["-s"]) {
        let mut holder = hold(holder);
        let mut lock = Lockfile::new(scene.lock());
        lock.try_lock_shared().unwrap();
        lock.unlock().unwrap();
        assert!(Lockfile::acquire(scene.lock()).unwrap_err().is_busy(), "not alone");
        assert_eq!(holder.end().code, Some(0));
    }
}

#[test]
fn what_the_library_shares_flock_shares() {
    let scene = Scene::new();
    let mut lock = Lockfile::new(scene.lock());
    lock.try_lock_shared().unwrap();
    for ended in with(&scene, &["-s", "-n"]) {
        assert_eq!((ended.code, &*ended.stdout), (Some(0), "ran\n"), "{}", ended.stderr);
    }
    for ended in with(&scene, &["-n"]) {
        assert_eq!((ended.code, &*ended.stdout), (Some(1), ""), "{}", ended.stderr);
    }
    lock.unlock().unwrap();
}

#[test]
fn the_record_that_a_dead_holder_has_left_stays_as_it_is() {
    let scene = Scene::new();
    let dead = scene.left_behind();
    let record = fs::read(scene.lock()).unwrap();
    for ended in with(&scene, &["-n"]) {
        assert_eq!((ended.code, &*ended.stdout), (Some(0), "ran\n"), "{}", ended.stderr);
    }
    assert_eq!(fs::read(scene.lock()).unwrap(), record);
    let ended = scene.run(&[], &["echo", "ran"]).ended();
    assert!(ended.stderr.contains(&format!("from pid {dead} ")), "{}", ended.stderr);
}

#[test]
fn a_conflict_with_a_holder_who_has_a_record_says_who() {
    let scene = Scene::new();
    let holder = scene.holder(&["--message", "nightly"]);
    let told = format!("flock: {} is held by pid {} ", scene.lock().display(), holder.pid());
    for (options, why) in [
        (&["--verbose", "-n"][..], "flock: failed to get lock\n"),
        (&["--verbose", "-w.01"], "flock: timeout while waiting to get lock\n"),
    ] {
        let [flock, ours] = with(&scene, options);
        assert_eq!((ours.code, &*ours.stdout, &*flock.stderr), (Some(1), "", why));
        let who = ours.stderr.strip_prefix(why).unwrap();
        assert!(who.starts_with(&told), "{who}");
        assert!(who.ends_with(": \"nightly\"\n") && who.lines().count() == 1, "{who}");
    }
    let ended = tenure().args(["flock", "-n"]).arg(scene.lock()).arg("true").ended();
    assert_eq!((ended.code, &*ended.stderr), (Some(1), ""), "only who asks is told");

    let mut descriptor = scene.script("exec 9<>\"$LOCK\"; \"$TENURE\" flock --verbose -n 9");
    let ended = descriptor.ended();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains(&told), "{}", ended.stderr);
}

#[test]
fn a_hostile_record_does_nothing_to_who_is_told() {
    let scene = Scene::new();
    let text = "trap\u{1b}[31m\r\u{9b}2J\n\u{202e}end";
    let record = json!({
        "version": 1, "pid": std::process::id(), "host": text, "message": text, "program": text,
    });
    let held = scene.held_with(&record);
    let [_, ended] = with(&scene, &["--verbose", "-n"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("trap\\u{1b}[31m"), "{}", ended.stderr);
    let harmful = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
    assert!(!ended.stderr.contains(harmful), "{:?}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 2);
    drop(held);
}

#[test]
fn who_holds_it_is_told_through_a_link() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    let link = scene.path("link");
    symlink(scene.lock(), &link).unwrap();
    let ended = tenure().args(["flock", "--verbose", "-n"]).arg(&link).arg("true").ended();
    assert_eq!(ended.code, Some(1));
    let told = format!("flock: {} is held by pid {} ", scene.lock().display(), holder.pid());
    assert!(ended.stderr.contains(&told), "{}", ended.stderr);
}
