//! Text from a lockfile is not obeyed by the terminal that it is shown on.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::fcntl::Flock;
use serde_json::{Value, json};

use crate::screen::Screen;
use crate::support::{CommandExtension, Running, Scene, TENURE, tenure};

/// Escape and carriage return; CSI in one character; a new line; the turning of text; the ends of a
/// line that are none in ASCII.
pub(crate) const TRAPS: &str =
    "\u{1b}[31m\r\u{9b}2J\n\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}end";

/// A lockfile that is held by this process, with traps in all its text.
pub(crate) fn trapped(scene: &Scene) -> Flock<File> {
    let text = |name: &str| format!("{name}{TRAPS}");
    let record = json!({
        "version": 1, "pid": std::process::id(), "host": text("host"), "message": text("message"),
        "program": text("program"), "boot_id": text("boot"), "machine": text("machine"),
        "backend": text("backend"), "nonce": text("nonce"),
    });
    scene.held_with(&record)
}

/// Asserts that `output` shows `shown`, in lines that a terminal prints and does nothing else with.
pub(crate) fn assert_harmless(output: &str, shown: &[&str]) {
    for trap in TRAPS.chars().filter(|char| !char.is_ascii_graphic() && *char != '\n') {
        assert!(!output.contains(trap), "U+{:04X} in {output:?}", u32::from(trap));
    }
    for text in shown {
        assert!(output.contains(text), "{text} is not in {output:?}");
    }
    let control = output.chars().find(|char| char.is_control() && *char != '\n');
    assert_eq!(control, None, "{output:?}");
}

#[test]
fn a_hostile_record_does_nothing_to_who_reads_the_status() {
    let scene = Scene::new();
    let held = trapped(&scene);
    let ended = scene.status(&[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let shown = ["host\\u{1b}[31m", "message\\u{1b}[31m", "program\\u{1b}[31m", "nonce\\u{1b}[31m"];
    assert_harmless(&ended.stdout, &shown);
    assert!(ended.stdout.lines().all(|line| !line.starts_with("\\u{202e}")), "{}", ended.stdout);
    drop(held);
}

#[test]
fn a_hostile_record_is_one_line_of_json_that_means_the_same() {
    let scene = Scene::new();
    let held = trapped(&scene);
    let ended = scene.status(&["--json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_harmless(&ended.stdout, &["\\u009b2J", "\\u202e", "\\u2028"]);
    assert_eq!(ended.stdout.find('\n'), Some(ended.stdout.len() - 1));
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    for name in ["host", "message", "program", "machine", "backend", "nonce"] {
        assert_eq!(report["holder"][name], format!("{name}{TRAPS}"));
    }
    drop(held);
}

#[test]
fn a_hostile_record_does_nothing_to_who_is_refused() {
    let scene = Scene::new();
    let held = trapped(&scene);
    let shown = ["host\\u{1b}[31m", "message\\u{1b}[31m", "program\\u{1b}[31m"];
    for options in [&[][..], &["--wait=0"]] {
        let ended = scene.run(options, &["true"]).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(75), ""));
        assert_harmless(&ended.stderr, &shown);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
    drop(held);
}

#[test]
fn a_hostile_record_does_nothing_to_who_waits() {
    let scene = Scene::new();
    let held = trapped(&scene);
    let shown = ["host\\u{1b}[31m", "message\\u{1b}[31m", "program\\u{1b}[31m"];
    let ended = scene.run(&["--wait=1.2"], &["true"]).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(75), ""));
    assert_harmless(&ended.stderr, &shown);
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);

    let script = r#"exec "$TENURE" run --wait=1.2 "$LOCK" -- true"#;
    let mut screen = Screen::start(&scene, 500, script);
    assert_eq!(screen.end(), 75);
    // What we have the terminal do: take a line away, go back to its begin, begin another.
    let written = screen.written().replace("\r\x1b[2K", "\n").replace("\r\n", "\n");
    assert_harmless(&written, &shown);
    assert!(written.contains(" for pid "), "{written}");
    drop(held);
}

#[test]
fn a_hostile_record_does_nothing_to_who_recovers_it() {
    let scene = Scene::new();
    let pid = scene.left_behind();
    let mut record = scene.record();
    for name in ["host", "message", "program"] {
        record[name] = format!("{name}{TRAPS}").into();
    }
    scene.write("the.lock", &record.to_string());
    let ended = scene.run(&[], &["true"]).ended();
    assert_eq!(ended.code, Some(0));
    let shown = [&*format!("from pid {pid}"), "host\\u{1b}[31m", "message\\u{1b}[31m"];
    assert_harmless(&ended.stderr, &shown);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn a_process_with_a_hostile_name_is_described_harmlessly() {
    let scene = Scene::new();
    // The kernel keeps fifteen bytes of it.
    let program = scene.path("\u{1b}[31m\u{9b}2J\u{202e}");
    symlink(Path::new(TENURE), &program).unwrap();
    let mut holder = Running::start(scene.run_by(&program, &[], &["cat"]));
    holder.shakes_hands();
    let ended = scene.status(&[]);
    assert_eq!(ended.code, Some(0));
    assert_harmless(&ended.stdout, &["\n  process   \\u{1b}[31m\\u{9b}2J\\u{202e}, of user "]);
    let ended = scene.status(&["--json"]);
    assert_harmless(&ended.stdout, &["\"program\":\"\\u001b[31m\\u009b2J\\u202e\""]);
}

#[test]
fn a_hostile_path_does_nothing_to_who_reads_its_status() {
    let scene = Scene::new();
    let path = scene.path(TRAPS);
    let shown = ["/\\u{1b}[31m\\u{d}\\u{9b}2J\\u{a}\\u{202e}"];
    let status = || tenure().arg("status").arg(&path).ended();

    let free = status();
    assert_eq!((free.code, free.stderr.as_str()), (Some(3), ""));
    assert_harmless(&free.stdout, &shown);
    assert_eq!(free.stdout.lines().count(), 1, "{}", free.stdout);

    std::fs::write(&path, "\x7fELF").unwrap();
    let unknown = status();
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(4), ""));
    assert_harmless(&unknown.stderr, &shown);
    assert_eq!(unknown.stderr.lines().count(), 1, "{}", unknown.stderr);
}

#[test]
fn a_hostile_path_does_nothing_to_who_is_refused() {
    let scene = Scene::new();
    let path = scene.path(TRAPS);
    std::fs::write(&path, std::process::id().to_string()).unwrap();
    let ended = tenure().args(["run"]).arg(&path).args(["--", "true"]).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(75), ""));
    assert_harmless(&ended.stderr, &["/\\u{1b}[31m\\u{d}\\u{9b}2J\\u{a}"]);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}
