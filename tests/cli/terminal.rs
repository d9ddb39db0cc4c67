//! `run` at a terminal: the command is in the foreground, and Ctrl-C and Ctrl-Z are for it.

use std::fs::File;
use std::io::Write;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::support::{Running, Scene, continues, is_stopped, stat_field, until};

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const CTRL_Z: &str = "\x1a";

/// Answers line for line, until Ctrl-D.
const ANSWERS: &str = r#"echo ready; while read line; do echo "got $line"; done"#;

fn wrapper(scene: &Scene) -> u32 {
    u32::try_from(scene.record()["pid"].as_u64().unwrap()).unwrap()
}

#[test]
fn the_command_has_the_terminal_from_the_start() {
    let scene = Scene::new();
    let script = "cat /proc/$$/stat; read line; echo \"got $line\"";
    let mut running = Running::start_on_terminal(scene.run_script(script));
    let stat = running.line();
    assert_eq!(stat_field(&stat, 5), stat_field(&stat, 8), "it is in the foreground");
    running.say("hello\n");
    assert_eq!(running.line(), "got hello");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn ctrl_c_ends_the_command_with_130() {
    let scene = Scene::new();
    let mut running = Running::start_on_terminal(scene.run_script("echo ready; exec cat"));
    running.reaches("ready");
    running.say(CTRL_C);
    assert_eq!(running.end().code, Some(130));
    assert!(!scene.lock().exists());
}

#[test]
fn the_terminal_comes_back_when_the_command_has_ended() {
    let scene = Scene::new();
    // A script: its shell and the wrapper share a process group.
    let script = r#"
        "$TENURE" run "$LOCK" -- sh -c 'echo ready; exec cat'
        echo "ended $?"; read line; echo "got $line"
    "#;
    let mut running = Running::start_on_terminal(scene.script(script));
    running.reaches("ready");
    running.say(CTRL_C);
    running.reaches("ended 130");
    running.say("hello\n");
    running.reaches("got hello");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn the_terminal_comes_back_from_a_command_that_did_not_start() {
    let scene = Scene::new();
    let script = r#"
        "$TENURE" run "$LOCK" -- /no/such/command
        echo "ended $?"; read line; echo "got $line"
    "#;
    let mut running = Running::start_on_terminal(scene.script(script));
    running.reaches("ended 127");
    running.say("hello\n");
    running.reaches("got hello");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn ctrl_z_stops_command_and_wrapper_until_both_are_continued() {
    let scene = Scene::new();
    let script = format!(
        r#"
        set -m
        "$TENURE" run "$LOCK" -- sh -c '{ANSWERS}'; echo "stopped $?"
        read line; echo "shell got $line"
        fg; echo "ended $?"
        "#
    );
    let mut running = Running::start_on_terminal(scene.script(&script));
    running.reaches("ready");
    running.say(CTRL_Z);
    running.reaches("stopped 148");
    assert!(is_stopped(wrapper(&scene)));
    assert_eq!(scene.status(&[]).code, Some(0), "it holds the lock");
    running.say("fg\n");
    running.reaches("shell got fg");
    running.say("hello\n");
    running.reaches("got hello");
    running.say(CTRL_D);
    running.reaches("ended 0");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn ctrl_z_stops_the_script_that_calls_the_wrapper_as_well() {
    let scene = Scene::new();
    scene.write("job.sh", &format!("\"$TENURE\" run \"$LOCK\" -- sh -c '{ANSWERS}'\necho done\n"));
    let script = r#"
        set -m
        sh job.sh; echo "stopped $?"
        read line; fg; echo "ended $?"
    "#;
    let mut running = Running::start_on_terminal(scene.script(script));
    running.reaches("ready");
    running.say(CTRL_Z);
    running.reaches("stopped 148");
    running.say("fg\nhello\n");
    running.reaches("got hello");
    running.say(CTRL_D);
    running.reaches("done");
    running.reaches("ended 0");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn ctrl_z_stops_nothing_where_nobody_would_continue_it() {
    let scene = Scene::new();
    // The wrapper leads the session, as with `docker run -it` or `xterm -e`.
    let mut running = Running::start_on_terminal(scene.run_script(ANSWERS));
    running.reaches("ready");
    running.say(CTRL_Z);
    running.say("hello\n");
    running.reaches("got hello");
    running.say(CTRL_D);
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn a_command_that_ends_in_the_background_leaves_the_terminal_to_the_shell() {
    let scene = Scene::new();
    let fifo = scene.path("fifo");
    mkfifo(&fifo, Mode::S_IRWXU).unwrap();
    // Opened to read and to write, it does not wait for its other end.
    let mut held_open = File::options().read(true).write(true).open(&fifo).unwrap();
    let script = r#"
        set -m
        "$TENURE" run "$LOCK" -- cat fifo; echo "stopped $?"
        bg; echo continued; wait; echo "waited"
        read line; echo "shell got $line"
    "#;
    let mut running = Running::start_on_terminal(scene.script(script));
    held_open.write_all(b"ready\n").unwrap();
    running.reaches("ready");
    running.say(CTRL_Z);
    running.reaches("stopped 148");
    running.reaches("continued");
    drop(held_open);
    running.reaches("waited");
    assert!(!scene.lock().exists());
    running.say("hello\n");
    running.reaches("shell got hello");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn a_command_that_reads_in_the_background_waits_for_its_turn() {
    let scene = Scene::new();
    let script = format!(
        r#"
        set -m
        "$TENURE" run "$LOCK" -- sh -c '{ANSWERS}' &
        read line; echo "shell got $line"
        fg; echo "ended $?"
        "#
    );
    let mut running = Running::start_on_terminal(scene.script(&script));
    running.reaches("ready");
    let wrapper = wrapper(&scene);
    until(|| is_stopped(wrapper));
    running.say("fg\n");
    running.reaches("shell got fg");
    running.say("hello\n");
    running.reaches("got hello");
    running.say(CTRL_D);
    running.reaches("ended 0");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn a_command_that_asks_on_the_terminal_gets_an_answer_whatever_its_standard_input_is() {
    let scene = Scene::new();
    let script = r#"
        "$TENURE" run "$LOCK" -- sh -c 'read word </dev/tty; echo "got $word"' </dev/null
        echo "ended $?"; read line; echo "shell got $line"
    "#;
    let mut running = Running::start_on_terminal(scene.script(script));
    running.say("password\n");
    running.reaches("got password");
    running.reaches("ended 0");
    running.say("hello\n");
    running.reaches("shell got hello");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn a_command_that_was_stopped_in_the_background_on_purpose_does_not_stop_the_wrapper() {
    let scene = Scene::new();
    let script = r#"
        set -m
        "$TENURE" run "$LOCK" -- sh -c 'echo $$; kill -STOP $$; echo continued' &
        wait $!; echo "ended $?"
    "#;
    let mut running = Running::start_on_terminal(scene.script(script));
    let command = running.line().parse().unwrap();
    until(|| is_stopped(command));
    continues(command);
    running.reaches("continued");
    running.reaches("ended 0");
    assert_eq!(running.end().code, Some(0));
}
