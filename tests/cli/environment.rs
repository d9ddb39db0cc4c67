//! `run` and `exec`: what variables say where the command line says nothing.

use crate::support::{CommandExtension, Ended, Scene, tenure};

/// `tenure VERB OPTIONS the.lock -- true`, with `variables`.
fn with(scene: &Scene, verb: &str, options: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = tenure();
    command.arg(verb).args(options).arg(scene.lock()).args(["--", "true"]);
    command.envs(variables.iter().copied()).ended()
}

#[test]
fn an_option_goes_before_a_variable_that_it_excludes() {
    for verb in ["run", "exec"] {
        for variables in [&[("TENURE_WAIT", "5m")][..], &[("TENURE_ON_BUSY", "wait")]] {
            let ended = with(&Scene::new(), verb, &["-n"], variables);
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{verb} {variables:?}");
        }
    }
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    // The other variable is heeded all the same, and nobody waits.
    let variables = [("TENURE_WAIT", "forever"), ("TENURE_CONFLICT_EXIT_CODE", "9")];
    for verb in ["run", "exec"] {
        let ended = with(&scene, verb, &["--nonblock"], &variables);
        assert_eq!(ended.code, Some(9), "{verb}: {}", ended.stderr);
        let both = with(&scene, verb, &["-n", "--wait=0"], &variables);
        assert_eq!(both.code, Some(64), "both on the line make no sense: {}", both.stderr);
        assert!(!both.stderr.contains("TENURE_"), "{}", both.stderr);
    }
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let scene = Scene::new();
    let empty = [
        ("TENURE_WAIT", ""),
        ("TENURE_ON_BUSY", ""),
        ("TENURE_CONFLICT_EXIT_CODE", ""),
        ("TENURE_MESSAGE", ""),
        ("TENURE_FORMAT", ""),
        ("TENURE_KILL_AFTER", ""),
        ("TENURE_LOST", ""),
    ];
    for verb in ["run", "exec"] {
        let ended = with(&Scene::new(), verb, &[], &empty);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{verb}");
    }
    let mut run = scene.run(&[], &["cat", "the.lock"]);
    let told = run.envs(empty).ended().stdout;
    assert!(told.contains(r#""message":"cat""#), "{told}");
}

#[test]
fn a_variable_that_makes_no_sense_is_named_and_the_others_are_not() {
    let scene = Scene::new();
    let wrong = [
        ("TENURE_WAIT", "soon"),
        ("TENURE_ON_BUSY", "perhaps"),
        ("TENURE_CONFLICT_EXIT_CODE", "256"),
        ("TENURE_FORMAT", "xml"),
    ];
    for verb in ["run", "exec"] {
        for (name, value) in wrong {
            let ended = with(&scene, verb, &[], &[("TENURE_MESSAGE", "x"), (name, value)]);
            assert_eq!(ended.code, Some(64), "{verb} {name}");
            let tip = format!("tip: this is what the variable {name} says\n");
            assert!(ended.stderr.contains(&tip), "{verb}: {}", ended.stderr);
            assert!(ended.stderr.contains(value) && !ended.stderr.contains("TENURE_MESSAGE"));
        }
    }
    // On the line the very same is a fault of whoever has written that.
    let ended = with(&scene, "run", &["--wait=soon"], &[("TENURE_WAIT", "soon")]);
    assert_eq!(ended.code, Some(64));
    assert!(!ended.stderr.contains("TENURE_"), "{}", ended.stderr);
    // And what the line says takes the place of it.
    let ended = with(&scene, "run", &["--wait=1"], &[("TENURE_WAIT", "soon")]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn help_shows_the_variables_and_what_they_say_now() {
    let ended = tenure().args(["run", "--help"]).env("TENURE_WAIT", "7m").ended();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("[env: TENURE_WAIT=7m]"), "{}", ended.stdout);
    assert!(ended.stdout.contains("[env: TENURE_LOST=]"), "{}", ended.stdout);
}
