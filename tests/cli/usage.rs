//! The command line.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{CommandExtension, Scene, tenure};

#[test]
fn a_wrong_command_line_is_64_and_does_nothing() {
    let scene = Scene::new();
    let lock = scene.lock();
    let lock = lock.to_str().unwrap();
    let ran = ["--", "touch", "ran"];
    let wrong: [&[&str]; 13] = [
        &[],
        &["hold", lock],
        &["run"],
        &["run", lock],
        &["run", lock, "--"],
        &["run", lock, "touch", "ran"],
        &["run", "-E", "256", lock],
        &["run", "-E", "busy", lock],
        &["run", "--wait=soon", lock],
        &["run", "--wait=-1", lock],
        &["run", "--nonblock", "--wait", lock],
        &["run", "--format", "xml", lock],
        &["status"],
    ];
    for line in wrong {
        let mut command = tenure();
        command.args(line).current_dir(scene.path(""));
        if line.len() > 3 || line.iter().any(|word| word.starts_with("--w")) {
            command.args(ran);
        }
        let ended = command.ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(64), ""), "{line:?}");
        assert!(ended.stderr.contains("--help"), "{line:?}: {}", ended.stderr);
    }
    assert!(!scene.lock().exists() && !scene.path("ran").exists());
}

#[test]
fn a_message_that_is_no_text_is_refused_by_its_name() {
    let scene = Scene::new();
    let message = OsStr::from_bytes(b"n\xffghtly");
    for verb in ["run", "exec"] {
        let mut option = tenure();
        option.arg(verb).arg("-m").arg(message).arg(scene.lock()).args(["--", "true"]);
        let mut variable = tenure();
        variable.env("TENURE_MESSAGE", message).arg(verb).arg(scene.lock()).args(["--", "true"]);
        for (mut command, name) in [(option, "--message"), (variable, "TENURE_MESSAGE")] {
            let ended = command.ended();
            assert_eq!(ended.code, Some(64), "{verb} {name}");
            assert!(ended.stderr.contains(name), "{}", ended.stderr);
            assert!(ended.stderr.contains("it is not UTF-8"), "{}", ended.stderr);
        }
    }
    assert!(!scene.lock().exists());
}

#[test]
fn help_is_no_error_and_has_examples() {
    for (verb, example) in [
        ("doctor", "tenure doctor --json /srv/"),
        ("list", "tenure list --stale "),
        ("run", "tenure run /run/backup.pid -- "),
        ("exec", "tenure exec /run/backupd.pid -- "),
        ("status", "tenure status --json /run/"),
        ("wait", "tenure wait --wait=10m /run/"),
        ("signal", "tenure signal /run/backup.pid HUP"),
        ("stop", "tenure stop --grace 1m /run/"),
        ("unlock", "tenure unlock /run/"),
        ("break", "tenure break --nonce "),
        ("list", "tenure list --stale "),
        ("watch", "tenure watch --json /run/"),
    ] {
        let ended = tenure().args([verb, "--help"]).ended();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        let (_, examples) = ended.stdout.split_once("\nExamples:\n").unwrap();
        assert!(examples.contains(example), "{examples}");
        assert!(ended.stdout.contains("\nExit status"), "{}", ended.stdout);
    }
    let ended = tenure().arg("--help").ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout.contains("Usage: tenure") && ended.stdout.contains("  status "));
}

#[test]
fn the_version_is_that_of_the_crate() {
    let ended = tenure().arg("--version").ended();
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout, format!("tenure {}\n", env!("CARGO_PKG_VERSION")));
}
