//! `wait`: until nobody holds the lock, which is touched by nobody meanwhile.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;

use nix::sys::signal::Signal;
use serde_json::json;

use crate::screen::Screen;
use crate::support::{CommandExtension, Ended, Running, Scene, stat_field, tenure, until};

fn wait(scene: &Scene, options: &[&str]) -> Command {
    let mut command = tenure();
    command.arg("wait").args(options).arg(scene.lock());
    command
}

fn assert_free(ended: &Ended) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
}

/// Returns once `waiter` has looked, armed and gone to sleep for longer than the look: it is the
/// kernel that shows it.
fn sleeps(waiter: &Running) {
    waiter.waits();
    until(|| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", waiter.pid())).unwrap();
        stat_field(&stat, 3) == "S"
    });
}

#[test]
fn what_is_free_or_stale_is_not_waited_for() {
    let scene = Scene::new();
    assert_free(&wait(&scene, &[]).ended());
    assert!(!scene.lock().exists());
    scene.left_behind();
    let before = fs::read(scene.lock()).unwrap();
    assert_free(&wait(&scene, &["--wait=0"]).ended());
    assert_eq!(fs::read(scene.lock()).unwrap(), before, "nothing is written");
}

#[test]
fn the_wait_ends_with_the_release_and_the_holder_was_named() {
    for options in [&[][..], &["--keep-file"]] {
        let scene = Scene::new();
        let mut holder = scene.holder(options);
        let mut waiter = Running::start(wait(&scene, &[]));
        let told = waiter.error_line();
        let named = format!("it is locked by pid {} (tenure) on ", holder.pid());
        assert!(told.contains(&named), "{told}");
        assert_eq!(holder.end().code, Some(0));
        assert_free(&waiter.end());
    }
}

#[test]
fn the_wait_ends_with_the_death_of_the_holder() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    let mut waiter = Running::start(wait(&scene, &["-w", "forever"]));
    sleeps(&waiter);
    holder.signal(Signal::SIGKILL);
    assert_free(&waiter.end());
    assert!(scene.lock().exists(), "nobody has recovered it");
}

#[test]
fn a_holder_that_writes_no_record_is_waited_for() {
    let scene = Scene::new();
    let held = scene.held_with(&json!({ "pid": 1 }));
    held.set_len(0).unwrap();
    let mut waiter = Running::start(wait(&scene, &[]));
    sleeps(&waiter);
    drop(held);
    assert_free(&waiter.end());
}

#[test]
fn a_holder_that_takes_no_lock_is_waited_for() {
    let scene = Scene::new();
    let mut legacy = Running::start(Command::new("cat"));
    scene.write("the.lock", &format!("{}\n", legacy.pid()));
    let mut waiter = Running::start(wait(&scene, &[]));
    sleeps(&waiter);
    legacy.end();
    assert_free(&waiter.end());
}

#[test]
fn an_unproven_holder_is_waited_for_until_its_file_is_gone() {
    let scene = Scene::new();
    let path = scene.write("the.lock", "elsewhere.example:4242");
    let mut waiter = Running::start(wait(&scene, &[]));
    sleeps(&waiter);
    fs::rename(path, scene.path("aside")).unwrap();
    assert_free(&waiter.end());
}

#[test]
fn the_next_holder_is_waited_for_as_well() {
    let scene = Scene::new();
    let named = |name: &str| json!({"pid": std::process::id(), "nonce": name, "message": name});
    let held = scene.held_with(&named("first"));
    let mut waiter = Running::start(wait(&scene, &[]));
    assert!(waiter.error_line().contains(": \"first\"; "));
    held.write_all_at(named("other").to_string().as_bytes(), 0).unwrap();
    assert!(waiter.error_line().contains(": \"other\"; "));
    // This process lives on, and with it what the record says.
    fs::rename(scene.lock(), scene.path("aside")).unwrap();
    assert_free(&waiter.end());
    drop(held);
}

#[test]
fn a_holder_that_is_ready_is_waited_for_from_before_it_comes() {
    let scene = Scene::new();
    let mut waiter = Running::start(wait(&scene, &["--ready"]));
    let told = waiter.error_line();
    assert!(told.ends_with("the.lock: it is locked by nobody yet"), "{told}");
    let record = |phase: &str| json!({"pid": std::process::id(), "nonce": "0", "phase": phase});
    let held = scene.held_with(&record("starting"));
    let told = waiter.error_line();
    assert!(told.contains(&format!("it is locked by pid {};", std::process::id())), "{told}");
    held.write_all_at(format!("{}    ", record("ready")).as_bytes(), 0).unwrap();
    assert_free(&waiter.end());
    assert_free(&wait(&scene, &["--ready", "-w0"]).ended());
}

#[test]
fn a_holder_that_is_not_ready_in_time_is_75_or_what_was_asked_for() {
    let scene = Scene::new();
    // The second is longer than the looks that come without an event.
    for (options, code) in [(&["--ready", "-w0"][..], 75), (&["--ready", "-w0.3", "-E", "7"], 7)] {
        let ended = wait(&scene, options).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""));
        assert!(ended.stderr.contains(" had no holder that was ready within "), "{}", ended.stderr);
    }
    let _holder = scene.holder(&[]);
    let ended = wait(&scene, &["--ready", "-w0"]).ended();
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.contains("; it does not say how far it has come"), "{}", ended.stderr);
}

#[test]
fn the_end_of_the_time_is_75_or_what_was_asked_for() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    for (options, code) in [(&["--wait=0"][..], 75), (&["--wait=0.01", "-E", "7"], 7)] {
        let ended = wait(&scene, options).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""));
        let named = format!(" was not free within {}", if code == 7 { "10ms" } else { "0s" });
        assert!(ended.stderr.contains(&named), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("pid {} ", holder.pid())), "{}", ended.stderr);
    }
    holder.shakes_hands();
}

#[test]
fn whoever_waits_is_in_nobodys_way() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut observer = Running::start(wait(&scene, &[]));
    sleeps(&observer);
    let mut contender = Running::start(scene.run(&["--wait"], &["cat"]));
    contender.waits();
    observer.signal(Signal::SIGSTOP);
    holder.end();
    contender.shakes_hands();
    observer.signal(Signal::SIGCONT);
    contender.end();
    assert_free(&observer.end());
}

#[test]
fn at_a_terminal_the_line_is_gone_afterwards() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let script = r#""$TENURE" wait "$LOCK"; echo "status $?""#;
    let mut screen = Screen::start(&scene, 200, script);
    screen.shows(" for pid ");
    holder.end();
    screen.shows("status 0");
    assert_eq!(screen.end(), 0);
    assert!(!screen.text().contains(" for pid "));
}

#[test]
fn what_is_not_a_lockfile_is_65() {
    let scene = Scene::new();
    scene.write("the.lock", "\x7fELF and so on");
    assert_eq!(wait(&scene, &[]).ended().code, Some(65));
}
