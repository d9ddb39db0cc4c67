//! `watch`: a line for each change, and how it ends.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::hostile::{assert_harmless, trapped};
use crate::screen::Screen;
use crate::support::{CommandExtension, Running, Scene, tenure, until};

fn watch(scene: &Scene, options: &[&str]) -> Running {
    let mut command = tenure();
    command.arg("watch").args(options).arg(scene.lock());
    Running::start(command)
}

/// What a line says after the time.
fn said(line: &str) -> &str {
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.starts_with('2') && time.ends_with('Z'), "{line}");
    rest
}

#[test]
fn the_present_state_comes_first_and_then_each_change() {
    let scene = Scene::new();
    let path = scene.lock().display().to_string();
    let running = watch(&scene, &[]);
    assert_eq!(said(&running.line()), format!("{path}: free"));
    let mut holder = scene.holder(&["--message", "nightly"]);
    let line = running.line();
    assert!(said(&line).starts_with(&format!("{path}: held by pid {} (tenure) on ", holder.pid())));
    assert!(line.ends_with(": \"nightly\""), "{line}");
    holder.signal(Signal::SIGKILL);
    let line = running.line();
    assert!(said(&line).starts_with(&format!("{path}: stale, left by pid {}", holder.pid())));
    fs::remove_dir_all(scene.path("")).unwrap();
    assert_eq!(said(&running.line()), format!("{path}: free"));
    assert_eq!(holder.end().signal, Some(9));
}

#[test]
fn many_are_watched_and_the_present_states_come_in_order() {
    let scene = Scene::new();
    let other = scene.write("other.pid", "elsewhere.example:1");
    let mut command = tenure();
    command.arg("watch").arg(&other).arg(scene.lock());
    let running = Running::start(command);
    assert!(
        said(&running.line())
            .ends_with("other.pid: unproven, perhaps held by pid 1 on elsewhere.example")
    );
    assert!(said(&running.line()).ends_with("the.lock: free"));
    let _holder = scene.holder(&[]);
    assert!(said(&running.line()).contains("the.lock: held by "));
    fs::rename(other, scene.path("elsewhere")).unwrap();
    assert!(said(&running.line()).ends_with("other.pid: free"));
}

#[test]
fn json_is_what_status_prints_and_the_time() {
    let scene = Scene::new();
    let running = watch(&scene, &["--json"]);
    let line = || serde_json::from_str::<Value>(&running.line()).unwrap();
    assert_eq!(line()["state"], "free");
    let holder = scene.holder(&["--message", "nightly"]);
    let held = line();
    assert!(held["at"].as_str().unwrap().ends_with('Z'), "{held}");
    assert_eq!((&held["state"], &held["verdict"]), (&"held".into(), &"live".into()));
    assert_eq!(held["path"], scene.lock().to_str().unwrap());
    assert_eq!(
        (&held["holder"]["pid"], &held["holder"]["message"]),
        (&holder.pid().into(), &"nightly".into())
    );
    drop(holder);
    assert_ne!(line()["state"], "held");
}

#[test]
fn what_is_no_lockfile_is_told_and_watched() {
    let scene = Scene::new();
    fs::create_dir(scene.lock()).unwrap();
    for (options, told) in [(&[][..], ": unknown: "), (&["--json"], r#""state":"unknown""#)] {
        let running = watch(&scene, options);
        let line = running.line();
        assert!(
            line.contains(told) && line.contains("is a directory, not a regular file"),
            "{line}"
        );
    }
}

#[test]
fn it_ends_quietly_once_nobody_reads() {
    let scene = Scene::new();
    // Nothing else happens after the first line: that the other end is closed ends it.
    let script = r#"{ "$TENURE" watch "$LOCK"; echo "ended $?" >&2; } | head -n 1"#;
    let ended = scene.script(script).ended();
    assert!(ended.stdout.ends_with(": free\n"), "{}", ended.stdout);
    assert_eq!(ended.stderr, "ended 0\n");
}

#[test]
fn what_cannot_be_told_is_4() {
    let scene = Scene::new();
    for options in ["", "--json"] {
        let ended =
            scene.script(&format!(r#""$TENURE" watch {options} "$LOCK" >/dev/full"#)).ended();
        assert_eq!(ended.code, Some(4), "{}", ended.stderr);
        assert!(ended.stderr.starts_with("tenure: cannot write to standard output: "));
    }
}

#[test]
fn an_interrupt_ends_it_with_130_and_leaves_the_terminal_as_it_was() {
    let scene = Scene::new();
    let script = r#"before=$(stty -g); trap : INT
        "$TENURE" watch "$LOCK"; status=$?; echo; echo "ended $status"; [ "$before" = "$(stty -g)" ] && echo same"#;
    let mut screen = Screen::start(&scene, 120, script);
    screen.shows("the.lock: free");
    screen.types("\x03");
    screen.shows("ended 130\nsame");
    assert_eq!(screen.end(), 0);
    assert!(screen.cursor_is_home(), "{}", screen.text());
}

#[test]
fn a_state_has_its_colour_on_a_terminal() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    let mut screen = Screen::start(&scene, 200, r#"exec "$TENURE" watch "$LOCK""#);
    screen.shows("held by pid");
    assert!(
        screen.written().contains(": \u{1b}[32mheld\u{1b}[0m by pid"),
        "{:?}",
        screen.written()
    );
    screen.types("\x03");
    assert_eq!(screen.end(), 130);
}

#[test]
fn a_hostile_record_does_nothing_to_who_watches() {
    let scene = Scene::new();
    let held = trapped(&scene);
    for options in ["", "--json"] {
        let script = format!(r#""$TENURE" watch {options} "$LOCK" | head -n 1"#);
        let ended = scene.script(&script).ended();
        assert_harmless(&ended.stdout, &["message\\u", "program\\u"]);
        assert_eq!(ended.stdout.lines().count(), 1);
    }
    drop(held);
}

#[test]
fn it_sleeps_until_something_happens() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    let running = watch(&scene, &[]);
    assert!(running.line().contains(": held by "));
    let tasks = format!("/proc/{}/task", running.pid());
    // ppoll(2) without a limit, poll(2) without one, and a futex: none of them ends by itself.
    until(|| {
        let tasks = fs::read_dir(&tasks).unwrap();
        let syscall = |task: std::io::Result<fs::DirEntry>| {
            fs::read_to_string(task.unwrap().path().join("syscall")).unwrap_or_default()
        };
        let calls: Vec<_> = tasks.map(syscall).collect();
        let limit = |call: &String| call.split(' ').nth(3).map(str::to_owned);
        let rests = |call: &&String| {
            call.starts_with(&format!("{} ", nix::libc::SYS_ppoll))
                && limit(call).as_deref() == Some("0x0")
        };
        calls.len() == 3 && calls.iter().filter(rests).count() == 1
    });
}
