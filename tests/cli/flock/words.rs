//! What the program says of it.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::{CommandExtension, Scene, tenure};

#[test]
fn help_has_the_three_forms_the_exit_statuses_and_examples() {
    let scene = Scene::new();
    let flock = scene.path("flock");
    symlink(crate::support::TENURE, &flock).unwrap();
    let mut called = Command::new(&flock);
    called.arg("--help");
    let mut helps = [tenure(), tenure(), called];
    helps[0].args(["help", "flock"]);
    helps[1].args(["flock", "--help"]);
    for mut help in helps {
        let ended = help.ended();
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
        for text in ["-c <COMMAND>", "<NUMBER>", "\nExit status", "tenure run", "--no-fork"] {
            assert!(ended.stdout.contains(text), "{text} is not in {}", ended.stdout);
        }
        let (_, examples) = ended.stdout.split_once("\nExamples:\n").unwrap();
        assert!(examples.contains("tenure flock -n /run/"), "{examples}");
    }
    let ended = tenure().arg("--help").ended();
    assert!(ended.stdout.contains("\n  flock "), "{}", ended.stdout);
}

#[test]
fn the_version_says_whose_flock_it_is() {
    let ended = tenure().args(["flock", "--version"]).ended();
    assert_eq!(ended.stdout, format!("flock from tenure {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn called_by_another_name_the_program_is_itself() {
    let scene = Scene::new();
    let other = scene.path("not-flock");
    symlink(crate::support::TENURE, &other).unwrap();
    let ended = Command::new(&other).arg("status").arg(scene.lock()).ended();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
}
