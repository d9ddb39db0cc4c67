//! `run`: what it writes into the lockfile.

use crate::support::{CommandExtension, Scene};

/// What is in the lockfile while a command runs, and the PID of the wrapper.
fn written(scene: &Scene, options: &[&str]) -> (String, u32) {
    let ended = scene.run(options, &["sh", "-c", "cat \"$LOCK\"; echo \"|$PPID\""]).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let (content, pid) = ended.stdout.rsplit_once('|').unwrap();
    (content.to_owned(), pid.trim().parse().unwrap())
}

#[test]
fn the_record_names_the_wrapper() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "nightly backup"]);
    let record = scene.record();
    assert_eq!(record["version"], 1);
    assert_eq!(record["pid"], holder.pid());
    assert_eq!(record["program"], "tenure");
    assert_eq!(record["message"], "nightly backup");
    assert!(record["released_at"].is_null());
    holder.end();
}

#[test]
fn the_message_is_the_file_name_of_the_command_unless_given() {
    let scene = Scene::new();
    let ended = scene.run(&[], &["/bin/sh", "-c", "cat \"$LOCK\" # a secret"]).ended();
    assert!(ended.stdout.contains(r#""message":"sh","#), "{}", ended.stdout);
    assert!(!ended.stdout.contains("secret"), "arguments are nobody's business");
}

#[test]
fn a_message_that_does_not_fit_is_refused_before_anything_is_done() {
    let scene = Scene::new();
    let fits = "é".repeat(512);
    let ended = scene.run(&["--message", &fits], &["true"]).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));

    let ended = scene.run(&["--message", &(fits + "x")], &["touch", "ran"]).ended();
    assert_eq!(ended.code, Some(64));
    assert!(ended.stderr.contains("has 1025 bytes, and at most 1024 fit"), "{}", ended.stderr);
    assert!(!scene.lock().exists() && !scene.path("ran").exists());
}

#[test]
fn json_is_one_line_padded_to_a_fixed_size() {
    let scene = Scene::new();
    for options in [&[][..], &["--format", "json"]] {
        let (content, pid) = written(&scene, options);
        assert!(content.starts_with(&format!("{{\"version\":1,\"pid\":{pid},")), "{content}");
        assert_eq!(content.len(), 1024);
        assert_eq!(content.find('\n'), Some(1023));
        let json = content.trim_end();
        assert!(json.ends_with('}'), "blanks follow it: {content}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(json).unwrap()["message"], "sh");
    }
}

#[test]
fn pid_line_is_the_pid_alone_and_then_the_json() {
    let scene = Scene::new();
    let (content, pid) = written(&scene, &["--format=pid-line"]);
    assert_eq!(content.len(), 1024);
    let (first, second) = content.split_once('\n').unwrap();
    assert_eq!(first, pid.to_string(), "no blank follows it");
    assert_eq!(second.find('\n'), Some(second.len() - 1));
    let record: serde_json::Value = serde_json::from_str(second).unwrap();
    assert_eq!(record["pid"], pid);
}

#[test]
fn pid_is_the_pid_and_a_newline() {
    let (content, pid) = written(&Scene::new(), &["--format=pid"]);
    assert_eq!(content, format!("{pid}\n"));
}

#[test]
fn pid_bare_is_the_pid() {
    let (content, pid) = written(&Scene::new(), &["--format=pid-bare"]);
    assert_eq!(content, pid.to_string());
}
