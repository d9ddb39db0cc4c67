//! `run --replace`, and what else there is to do about a holder.

use nix::sys::signal::Signal;

use crate::support::{CommandExtension, Running, Scene, is_stopped, until};

#[test]
fn the_holder_is_stopped_and_its_place_taken() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "the old one"]);
    let mut next = Running::start(scene.run(&["--replace"], &["cat"]));
    next.shakes_hands();
    assert_eq!(holder.end().code, Some(143), "TERM was passed on to its command");
    assert_eq!(scene.record()["pid"], next.pid());
    let ended = next.end();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains(": \"the old one\", to take its place\n"), "{}", ended.stderr);
}

#[test]
fn a_holder_that_does_not_obey_is_killed_when_the_grace_is_over() {
    let scene = Scene::new();
    let mut holder =
        Running::start(scene.run_script("trap '' TERM; echo deaf; while :; do cat; done"));
    assert_eq!(holder.line(), "deaf");
    let mut next = Running::start(scene.run(&["--replace=0.2"], &["cat"]));
    next.shakes_hands();
    assert_eq!(holder.end().signal, Some(9));
    let ended = next.end();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains("recovered "), "{}", ended.stderr);
}

#[test]
fn without_any_grace_the_end_of_the_holders_command_is_waited_for_all_the_same() {
    let scene = Scene::new();
    // Its guard keeps the lock after the holder has ended.
    for _ in 0..10 {
        let mut holder = scene.holder(&[]);
        let ended = scene.run(&["--replace=0"], &["true"]).ended();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        holder.end();
    }
}

#[test]
fn without_a_holder_there_is_nothing_to_replace() {
    let scene = Scene::new();
    for _ in 0..2 {
        let ended = scene.run(&["--replace"], &["true"]).ended();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        scene.left_behind();
        let ended = scene.run(&["--replace"], &["true"]).ended();
        assert_eq!(ended.code, Some(0));
        assert!(!ended.stderr.contains("stopping"), "{}", ended.stderr);
    }
}

#[test]
fn a_holder_that_is_not_proven_is_not_stopped() {
    let scene = Scene::new();
    // A record that names another process than the one that has the lock.
    let other = Running::start(scene.script("exec cat"));
    let _held = scene.held_with(&serde_json::json!({ "pid": other.pid() }));
    let ended = scene.run(&["--replace"], &["touch", "ran"]).ended();
    assert_eq!(ended.code, Some(77), "{}", ended.stderr);
    assert!(ended.stderr.contains("was not signalled"), "{}", ended.stderr);
    assert!(!scene.path("ran").exists());
}

#[test]
fn whoever_skips_a_held_lock_says_nothing_and_exits_with_0() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    for options in
        [&["--on-busy=skip"][..], &["--on-busy=skip", "-n"], &["--on-busy=skip", "--wait=0.1"]]
    {
        let ended = scene.run(options, &["touch", "ran"]).ended();
        assert_eq!(ended.code, Some(0));
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
        assert!(!scene.path("ran").exists());
    }
    assert_eq!(holder.end().code, Some(0));
    assert_eq!(scene.run(&["--on-busy=skip"], &["sh", "-c", "exit 7"]).ended().code, Some(7));
}

#[test]
fn to_wait_can_be_what_is_done_about_a_held_lock() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut waiter = Running::start(scene.run(&["--on-busy=wait"], &["cat"]));
    waiter.waits();
    assert_eq!(holder.end().code, Some(0));
    waiter.shakes_hands();
    assert_eq!(waiter.end().code, Some(0));
}

#[test]
fn defaults_come_from_the_environment() {
    let scene = Scene::new();
    let mut holder = Running::start({
        let mut run = scene.run(&[], &["cat"]);
        run.env("TENURE_MESSAGE", "from afar").env("TENURE_FORMAT", "pid-line");
        run
    });
    holder.shakes_hands();
    let status = scene.status(&[]);
    assert!(status.stdout.contains("\"from afar\""), "{}", status.stdout);
    let busy = |name: &str, value: &str, options: &[&str]| {
        scene.run(options, &["true"]).env(name, value).ended()
    };
    assert_eq!(busy("TENURE_ON_BUSY", "skip", &[]).code, Some(0));
    assert_eq!(busy("TENURE_ON_BUSY", "skip", &["--on-busy=fail"]).code, Some(75));
    assert_eq!(busy("TENURE_CONFLICT_EXIT_CODE", "9", &[]).code, Some(9));
    let late = busy("TENURE_WAIT", "0.1", &[]);
    assert!(late.stderr.contains("was not free within 100ms"), "{}", late.stderr);
    assert_eq!(busy("TENURE_ON_BUSY", "perhaps", &[]).code, Some(64));
    assert_eq!(holder.end().code, Some(0));
}

#[test]
fn a_command_that_does_not_end_after_term_is_killed() {
    let scene = Scene::new();
    let script = "trap '' TERM; echo deaf; while :; do cat; done";
    let mut running = Running::start(scene.run(&["--kill-after=0.1"], &["sh", "-c", script]));
    assert_eq!(running.line(), "deaf");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.rest(), "", "nothing of it is left");
    assert_eq!(running.end().code, Some(137));
    assert!(!scene.lock().exists());
}

#[test]
fn a_stopped_command_is_killed_as_well() {
    let scene = Scene::new();
    let mut running =
        Running::start(scene.run(&["--kill-after=0.1"], &["sh", "-c", "echo $$; kill -STOP $$"]));
    let command = running.line().parse().unwrap();
    until(|| is_stopped(command));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().code, Some(137));
}

#[test]
fn a_command_that_ends_in_time_is_not_killed() {
    let scene = Scene::new();
    let script = "trap 'exit 3' TERM; echo ready; while :; do cat; done";
    let mut running = Running::start(scene.run(&["--kill-after=1h"], &["sh", "-c", script]));
    assert_eq!(running.line(), "ready");
    running.signal(Signal::SIGTERM);
    running.say("");
    assert_eq!(running.end().code, Some(3));
}
