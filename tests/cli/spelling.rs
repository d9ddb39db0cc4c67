//! `run` and `exec`: `--wait` in all of its spellings.

use crate::support::{CommandExtension, Ended, Running, Scene, tenure};

fn called(scene: &Scene, verb: &str, options: &[&str]) -> Ended {
    let mut command = tenure();
    command.arg(verb).args(options).args(["--", "true"]).current_dir(scene.path("")).ended()
}

#[test]
fn a_time_is_the_value_however_it_is_joined() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    for verb in ["run", "exec"] {
        for wait in
            [&["-w", "0.1"][..], &["-w0.1"], &["-w=0.1"], &["--wait=0.1"], &["--wait", "0.1"]]
        {
            let before = called(&scene, verb, &[wait, &["the.lock"]].concat());
            let after = called(&scene, verb, &[&["the.lock"], wait].concat());
            for ended in [before, after] {
                assert_eq!(ended.code, Some(75), "{verb} {wait:?}: {}", ended.stderr);
                assert!(ended.stderr.contains("was not free within 100ms"), "{}", ended.stderr);
            }
        }
    }
}

#[test]
fn without_a_value_the_next_word_is_the_lockfile() {
    for (verb, wait) in [("run", "-w"), ("exec", "--wait")] {
        let scene = Scene::new();
        let mut holder = scene.holder(&[]);
        let mut command = tenure();
        command.args([verb, wait, "the.lock", "--", "cat"]).current_dir(scene.path(""));
        let mut waiter = Running::start(command);
        waiter.waits();
        assert_eq!(holder.end().code, Some(0));
        waiter.shakes_hands();
        assert_eq!(waiter.end().code, Some(0));
    }
}

#[test]
fn a_lockfile_that_is_called_like_a_time_has_a_directory_before_it() {
    let scene = Scene::new();
    for verb in ["run", "exec"] {
        for (wait, name) in [("-w", "5"), ("--wait", "10m"), ("-w", "forever")] {
            let ended = called(&scene, verb, &[wait, name]);
            assert_eq!(ended.code, Some(64), "{}", ended.stderr);
            let tip =
                format!("tip: '{name}' is how long to wait; a lockfile of that name is './{name}'");
            assert!(ended.stderr.contains(&tip), "{}", ended.stderr);
            assert!(!scene.path(name).exists());
            let ended = called(&scene, verb, &[wait, &format!("./{name}")]);
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        }
    }
}

#[test]
fn what_is_no_time_is_refused_where_it_can_be_nothing_else() {
    let scene = Scene::new();
    for verb in ["run", "exec"] {
        for wait in ["-w5x", "-w=soon", "--wait=soon", "-w-1"] {
            let ended = called(&scene, verb, &[wait, "the.lock"]);
            assert_eq!(ended.code, Some(64), "{wait}: {}", ended.stderr);
            assert!(ended.stderr.contains("--wait[=<DUR>]"), "{wait}: {}", ended.stderr);
        }
    }
    assert!(!scene.lock().exists());
}
