//! `run --wait`: what is told about whoever is in the way, and what is left of that.

use std::os::unix::fs::FileExt;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::screen::Screen;
use crate::support::{CommandExtension, Running, Scene, until};

const CTRL_C: &str = "\x03";
const CTRL_Q: &str = "\x11";
const CTRL_S: &str = "\x13";
const CTRL_Z: &str = "\x1a";

/// Waits, and then runs what says that it did.
const WAITS: &str = r#"exec "$TENURE" run --wait "$LOCK" -- echo ran"#;

/// The record of a holder, which is this process, with its name for a message.
fn record(name: &str) -> Value {
    json!({"version": 1, "pid": std::process::id(), "nonce": name, "message": name})
}

#[test]
fn whoever_waits_is_told_for_whom_in_one_line() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "nightly"]);
    let mut waiter = Running::start(scene.run(&["--wait"], &["cat"]));
    let line = waiter.error_line();
    let host = scene.record()["host"].as_str().unwrap().to_owned();
    let (path, pid) = (scene.lock(), holder.pid());
    let begin = format!(
        "tenure: waiting for {}: it is locked by pid {pid} (tenure) on {host}, acquired ",
        path.display()
    );
    assert!(line.starts_with(&begin), "{line}");
    assert!(line.ends_with(" ago: \"nightly\"; it is alive"), "{line}");

    holder.end();
    waiter.shakes_hands();
    assert_eq!(waiter.end().stderr, "", "once for each holder");
}

#[test]
fn another_holder_is_another_line() {
    let scene = Scene::new();
    let held = scene.held_with(&record("first"));
    let waiter = Running::start(scene.run(&["--wait"], &["true"]));
    assert!(waiter.error_line().contains(": \"first\"; "));
    // Of the same length: no reader sees half of it.
    held.write_all_at(record("other").to_string().as_bytes(), 0).unwrap();
    assert!(waiter.error_line().contains(": \"other\"; "));
}

#[test]
fn a_holder_that_cannot_be_seen_is_not_called_alive() {
    let scene = Scene::new();
    scene.write("the.lock", "elsewhere.example:4242");
    let waiter = Running::start(scene.run(&["--wait"], &["true"]));
    let line = waiter.error_line();
    let end =
        ": it is locked by pid 4242 on elsewhere.example; unproven: it may run on another host";
    assert!(line.ends_with(end), "{line}");
}

#[test]
fn whoever_waits_for_a_time_has_the_lock_if_it_is_released_before() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut waiter = Running::start(scene.run(&["--wait=1h"], &["cat"]));
    waiter.waits();
    holder.end();
    waiter.shakes_hands();
    assert_eq!(scene.record()["pid"], waiter.pid());
    assert_eq!(waiter.end().code, Some(0));
}

#[test]
fn whoever_waits_for_a_time_is_told_who_held_the_lock_at_its_end() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    for (options, status) in [(&["--wait=1.2"][..], 75), (&["--wait=1s 200ms", "-E3"], 3)] {
        let ended = scene.run(options, &["echo", "ran"]).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(status), ""));
        let whom = format!("it is locked by pid {} (tenure) on ", holder.pid());
        let lines: Vec<_> = ended.stderr.lines().collect();
        assert!(lines.len() == 2 && lines.iter().all(|line| line.contains(&whom)), "{lines:?}");
        assert!(lines[1].contains(" was not free within 1s 200ms: "), "{lines:?}");
    }
}

#[test]
fn a_terminal_shows_the_holder_and_how_long_it_is_waited_for() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "nightly"]);
    let mut screen = Screen::start(&scene, 200, WAITS);
    screen.shows(&format!(" for pid {} (tenure) on ", holder.pid()));
    let before = seconds(&screen);
    screen.until(|screen| seconds(screen) > before);
    assert!(screen.text().ends_with(" ago: \"nightly\"; it is alive"), "{}", screen.text());
    assert_eq!(screen.text().lines().count(), 1);
    holder.end();
    assert_eq!(screen.end(), 0);
    assert_eq!(screen.text(), "ran", "and nothing else is left");
    assert!(screen.cursor_is_home());
}

/// How long it was waited by what `screen` shows: "- the.lock: waiting 3s for pid 4242".
fn seconds(screen: &Screen) -> Option<u32> {
    let text = screen.text();
    let (_, rest) = text.split_once("waiting ")?;
    rest.split_once("s for ")?.0.parse().ok()
}

#[test]
fn a_terminal_shows_the_lockfile_as_well_where_there_is_room_for_all() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "nightly"]);
    let path = scene.lock().display().to_string();
    let mut wide = Screen::start(&scene, 200, WAITS);
    wide.shows(&format!(" {path}: waiting "));
    assert!(wide.text().ends_with("; it is alive"), "{}", wide.text());
    // Enough for the path, and not for the whole sentence.
    let mut narrow = Screen::start(&scene, 80, WAITS);
    narrow.shows(" for pid ");
    assert!(narrow.text()[1..].starts_with(" waiting "), "{}", narrow.text());
    holder.end();
    for mut screen in [wide, narrow] {
        assert_eq!((screen.end(), screen.text().as_str()), (0, "ran"));
    }
}

#[test]
fn a_terminal_shows_the_holder_of_now() {
    let scene = Scene::new();
    let held = scene.held_with(&record("first"));
    let mut screen = Screen::start(&scene, 200, WAITS);
    screen.shows(": \"first\"; ");
    held.write_all_at(record("other").to_string().as_bytes(), 0).unwrap();
    screen.shows(": \"other\"; ");
    assert_eq!(screen.text().lines().count(), 1);
}

#[test]
fn what_was_shown_is_gone_when_the_time_is_over() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    let script = r#"exec "$TENURE" run --wait=1.2 "$LOCK" -- echo ran"#;
    let mut screen = Screen::start(&scene, 200, script);
    assert_eq!(screen.end(), 75);
    assert!(screen.written().contains(" for pid "), "{}", screen.written());
    let told = format!("tenure: {} was not free within 1s 200ms: ", scene.lock().display());
    assert!(screen.text().starts_with(&told), "{}", screen.text());
    assert!(!screen.text().contains(" for pid "), "{}", screen.text());
}

#[test]
fn what_was_shown_is_gone_after_a_signal() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    // On the narrow one there is hardly any room: also of `^C` nothing is left.
    let screens = || [200, 30].map(|columns| Screen::start(&scene, columns, WAITS));
    let (interrupted, killed, hung_up) = (screens(), screens(), screens());
    let ended = |screens: [Screen; 2], end: &dyn Fn(&mut Screen), status| {
        for mut screen in screens {
            screen.shows(" for pid ");
            end(&mut screen);
            assert_eq!(screen.end(), status);
            assert_eq!(screen.text(), "");
            assert!(screen.cursor_is_home());
        }
    };
    ended(interrupted, &|screen| screen.types(CTRL_C), 130);
    ended(killed, &|screen| screen.signal(Signal::SIGTERM), 143);
    ended(hung_up, &|screen| screen.signal(Signal::SIGHUP), 129);
}

#[test]
fn a_signal_that_was_ignored_from_the_start_still_is() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let mut screen = Screen::start(&scene, 80, &format!("trap '' HUP; {WAITS}"));
    screen.shows(" for pid ");
    screen.signal(Signal::SIGHUP);
    screen.is_drawn_anew();
    holder.end();
    assert_eq!((screen.end(), screen.text().as_str()), (0, "ran"));
}

#[test]
fn what_does_not_fit_is_cut() {
    // Of one column each, and of two.
    for message in ["long ".repeat(50), "寿司".repeat(50)] {
        let scene = Scene::new();
        let mut holder = scene.holder(&["--message", &message]);
        let mut screens = [20, 75, 76].map(|columns| Screen::start(&scene, columns, WAITS));
        for screen in &mut screens {
            screen.shows(" waiting ");
            screen.is_drawn_anew();
            assert_eq!(screen.text().lines().count(), 1, "{}", screen.text());
        }
        holder.end();
        for mut screen in screens {
            assert_eq!((screen.end(), screen.text().as_str()), (0, "ran"));
        }
    }
}

#[test]
fn the_command_begins_with_the_signals_that_were_blocked_before_the_wait() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let script = r#"exec "$TENURE" run --wait "$LOCK" -- grep SigBlk /proc/self/status"#;
    let mut screen = Screen::start(&scene, 80, script);
    screen.shows(" for pid ");
    holder.end();
    assert_eq!(screen.end(), 0);
    assert_eq!(screen.text().split_whitespace().last(), Some("0000000000000000"));
}

#[test]
fn a_terminal_that_cannot_take_lines_away_gets_one_for_each_holder() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    let dumb = ["export TERM=dumb", "unset TERM"];
    for mut screen in dumb.map(|it| Screen::start(&scene, 200, &format!("{it}; {WAITS}"))) {
        screen.shows("tenure: waiting for ");
        screen.types(CTRL_C);
        assert_eq!(screen.end(), 130);
        assert_eq!(screen.text().lines().filter(|line| line.contains("waiting")).count(), 1);
        assert!(!screen.written().contains('\x1b'), "{:?}", screen.written());
    }
}

#[test]
fn ctrl_z_takes_away_what_was_shown_and_fg_brings_it_back() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let script = r#"
        set -m
        "$TENURE" run --wait "$LOCK" -- echo ran; echo "stopped $?"
        read line; fg >/dev/null; echo "ended $?"
    "#;
    let mut screen = Screen::start(&scene, 80, script);
    screen.shows(" for pid ");
    screen.types(CTRL_Z);
    screen.shows("stopped 148");
    assert!(!screen.text().contains("waiting"), "{}", screen.text());
    screen.types("\n");
    screen.shows(" for pid ");
    holder.end();
    assert_eq!(screen.end(), 0);
    let text = screen.text();
    assert!(text.ends_with("ran\nended 0") && !text.contains("waiting"), "{text}");
}

#[test]
fn in_the_background_there_is_a_line_and_nothing_is_drawn() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let script = r#"
        set -m
        "$TENURE" run --wait "$LOCK" -- echo ran &
        read line; echo "shell got $line"; read line; fg >/dev/null; echo "ended $?"
    "#;
    let mut screen = Screen::start(&scene, 200, script);
    screen.shows("it is alive");
    screen.types("hello\n");
    screen.shows("shell got hello");
    assert!(!screen.written().contains("\x1b["), "{:?}", screen.written());
    screen.types("\n");
    screen.shows(&format!(" for pid {} ", holder.pid()));
    holder.end();
    assert_eq!(screen.end(), 0);
    let told = format!("tenure: waiting for {}: ", scene.lock().display());
    let text = screen.text();
    assert!(text.starts_with(&told), "{text}");
    assert!(text.ends_with("ran\nended 0") && !text.contains(" for pid "), "{text}");
}

#[test]
fn a_terminal_that_takes_no_output_does_not_keep_anyone_from_the_lock() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let script = r#"exec "$TENURE" run --wait "$LOCK" -- touch ran"#;
    let mut screen = Screen::start(&scene, 80, script);
    screen.shows(" for pid ");
    screen.types(CTRL_S);
    holder.end();
    until(|| scene.path("ran").exists());
    screen.types(CTRL_Q);
    assert_eq!(screen.end(), 0);
}
