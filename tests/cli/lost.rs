//! `run`: when somebody removes or replaces the lockfile meanwhile.

use std::fs;

use crate::support::{CommandExtension, Running, Scene};

#[test]
fn a_command_whose_lock_is_lost_is_stopped_and_that_is_79() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    fs::rename(scene.lock(), scene.path("elsewhere")).unwrap();
    // Its standard input is open still.
    assert_eq!(holder.rest(), "");
    let ended = holder.end();
    assert_eq!(ended.code, Some(79));
    assert!(ended.stderr.contains("was removed while it was held; stopping the command\n"));
}

#[test]
fn a_command_may_run_on_without_its_lock() {
    let scene = Scene::new();
    let script = "mv \"$LOCK\" elsewhere; cat; exit 7";
    let mut holder = Running::start(scene.run(&["--lost=ignore"], &["sh", "-c", script]));
    assert!(holder.error_line().ends_with("was removed while it was held; the command runs on"));
    holder.shakes_hands();
    let ended = holder.end();
    assert_eq!(ended.code, Some(7));
    assert!(ended.stderr.contains("was removed while it was held"), "{}", ended.stderr);
}

#[test]
fn a_loss_that_is_found_out_in_the_end_is_79_as_well() {
    let scene = Scene::new();
    let ended = scene.run_script("trap '' TERM; mv \"$LOCK\" elsewhere; exit 7").ended();
    assert_eq!(ended.code, Some(79));
    assert!(ended.stderr.contains("was removed while it was held"), "{}", ended.stderr);
}

#[test]
fn who_is_in_the_place_of_the_lockfile_is_left_alone() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--lost=ignore"]);
    fs::rename(scene.lock(), scene.path("elsewhere")).unwrap();
    let mut next = scene.holder(&[]);
    assert_eq!(holder.end().code, Some(0));
    assert_eq!(scene.record()["pid"], next.pid());
    assert_eq!(next.end().code, Some(0));
}

#[test]
fn a_record_that_is_overwritten_is_told_and_stops_nothing() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    fs::write(scene.lock(), "1\n").unwrap();
    assert!(holder.error_line().contains("was overwritten by a program that does not lock it"));
    holder.shakes_hands();
    assert_eq!(holder.end().code, Some(0));
}
