//! `stop`: the holder is asked to end, killed if it does not, and its end waited for.

use crate::support::{CommandExtension, Ended, Running, Scene, tenure};

fn stop(scene: &Scene, options: &[&str]) -> Ended {
    tenure().arg("stop").args(options).arg(scene.lock()).ended()
}

/// A holder that TERM does not end.
fn stubborn(scene: &Scene) -> Running {
    let mut holder = Running::start(scene.run_script("trap '' TERM; cat"));
    holder.shakes_hands();
    holder
}

#[test]
fn the_holder_is_asked_to_end_and_its_end_waited_for() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let ended = stop(&scene, &[]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
    assert!(!scene.lock().exists(), "it has ended in good order, before `stop` has");
    assert_eq!(holder.end().code, Some(143));
}

#[test]
fn a_holder_that_does_not_obey_is_killed() {
    for options in [&["--grace=0"][..], &["--retry", "TERM/0.01/KILL/30"], &["-r", "TERM/0/-9/30"]]
    {
        let scene = Scene::new();
        let mut holder = stubborn(&scene);
        let ended = stop(&scene, options);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{options:?}");
        assert_eq!(holder.end().signal, Some(9));
        assert_eq!(scene.status(&[]).code, Some(1), "what is left is stale");
    }
}

#[test]
fn a_schedule_is_repeated_until_the_holder_has_ended() {
    let scene = Scene::new();
    let script = "trap 'echo no; n=x$n; [ $n = xxx ] && exit 7' TERM; while :; do cat; done";
    let mut holder = Running::start(scene.run_script(script));
    holder.shakes_hands();
    let ended = stop(&scene, &["--retry", "forever/TERM/0.01"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(holder.end().code, Some(7));
}

#[test]
fn a_holder_that_has_not_ended_at_the_end_of_the_schedule_is_2_and_named() {
    let scene = Scene::new();
    let mut holder = stubborn(&scene);
    let ended = stop(&scene, &["--retry=TERM/0"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    let named = format!("tenure: pid {} (tenure) on ", holder.pid());
    assert!(ended.stderr.starts_with(&named), "{}", ended.stderr);
    holder.shakes_hands();
}

#[test]
fn nobody_to_stop_is_1() {
    let scene = Scene::new();
    let told = format!("tenure: nobody holds {}\n", scene.lock().display());
    let ended = stop(&scene, &[]);
    assert_eq!((ended.code, ended.stderr), (Some(1), told.clone()));
    scene.left_behind();
    let ended = stop(&scene, &[]);
    assert_eq!((ended.code, ended.stderr), (Some(1), told));
    assert!(scene.lock().exists(), "what is stale is for the next holder to recover");
}

#[test]
fn a_holder_in_a_format_without_identity_is_known_by_its_lock() {
    for format in ["pid", "pid-bare", "pid-line"] {
        let scene = Scene::new();
        let mut holder = scene.holder(&["--format", format]);
        let ended = stop(&scene, &[]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{format}");
        assert_eq!(holder.end().code, Some(143));
    }
}

#[test]
fn a_schedule_that_makes_no_sense_is_an_error_of_usage() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    for options in [&["--retry", "TERM"][..], &["--retry", "SOON/5"], &["-g", "forever"]] {
        assert_eq!(stop(&scene, options).code, Some(64), "{options:?}");
    }
    holder.shakes_hands();
}
