//! `run`: when somebody else holds the lock.

use nix::sys::signal::Signal;

use crate::support::{CommandExtension, Ended, Running, Scene};

/// Asserts that the lock was refused with `status`, and the command not run.
fn assert_refused(scene: &Scene, ended: &Ended, status: i32) {
    assert_eq!(ended.code, Some(status), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert!(!scene.path("ran").exists());
}

#[test]
fn a_held_lock_is_75_and_says_who_holds_it_and_what_to_do() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "nightly"]);
    for options in [&[][..], &["--nonblock"], &["-n"]] {
        let ended = scene.run(options, &["touch", "ran"]).ended();
        assert_refused(&scene, &ended, 75);
        let (path, pid) = (scene.lock(), holder.pid());
        let host = scene.record()["host"].as_str().unwrap().to_owned();
        let begin =
            format!("tenure: {} is locked by pid {pid} (tenure) on {host}, ", path.display());
        assert!(ended.stderr.starts_with(&begin), "{}", ended.stderr);
        let end = ": \"nightly\"; it is alive: wait for it, or stop it\n";
        assert!(ended.stderr.ends_with(end), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1);
    }
    assert_eq!(holder.end().code, Some(0), "it did not notice");
}

#[test]
fn the_status_of_a_held_lock_can_be_chosen() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    for (option, status) in [("-E3", 3), ("-E0", 0), ("--conflict-exit-code=255", 255)] {
        let ended = scene.run(&[option], &["touch", "ran"]).ended();
        assert_refused(&scene, &ended, status);
        assert!(ended.stderr.contains(&format!("pid {}", holder.pid())));
    }
    let ended = scene.run(&["-E3", "--wait=0"], &["touch", "ran"]).ended();
    assert_refused(&scene, &ended, 3);
}

#[test]
fn waiting_ends_at_the_limit() {
    let scene = Scene::new();
    let holder = scene.holder(&["--message", "nightly"]);
    for limit in ["0.2", "200ms"] {
        let ended = scene.run(&[&format!("--wait={limit}")], &["touch", "ran"]).ended();
        assert_refused(&scene, &ended, 75);
        let told = format!("was not free within 200ms: it is locked by pid {} ", holder.pid());
        assert!(ended.stderr.contains(&told), "{}", ended.stderr);
    }
}

#[test]
fn who_waits_gets_the_lock_when_it_is_released() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut waiter = Running::start(scene.run(&["--wait"], &["cat"]));
    waiter.waits();
    assert_eq!(scene.record()["pid"], holder.pid());

    assert_eq!(holder.end().code, Some(0));
    waiter.shakes_hands();
    assert_eq!(scene.record()["pid"], waiter.pid());
    let ended = waiter.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn who_waits_gets_the_lock_when_its_holder_is_killed() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut waiter = Running::start(scene.run(&["-w=forever"], &["cat"]));
    waiter.waits();

    holder.signal(Signal::SIGKILL);
    waiter.shakes_hands();
    let ended = waiter.end();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains(&format!("from pid {} ", holder.pid())), "{}", ended.stderr);
    assert_eq!(holder.end().signal, Some(9));
}

#[test]
fn a_signal_ends_who_waits() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut waiter = Running::start(scene.run(&["--wait"], &["touch", "ran"]));
    waiter.waits();
    waiter.signal(Signal::SIGTERM);
    assert_eq!(waiter.end().signal, Some(15));
    assert_eq!(holder.end().code, Some(0));
    assert!(!scene.path("ran").exists());
    assert_eq!(scene.run(&[], &["true"]).ended().code, Some(0), "the lock is free");
}
