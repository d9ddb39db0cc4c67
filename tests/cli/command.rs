//! `run`: what becomes of the command, and what it gets to see.

use std::fs;
use std::process::Command;

use nix::sys::signal::{SigHandler, Signal};

use crate::support::{CommandExtension, Running, Scene, inherits, stat_field};

#[test]
fn the_exit_status_is_that_of_the_command() {
    let scene = Scene::new();
    for status in [0, 7, 255] {
        let ended = scene.run_script(&format!("exit {status}")).ended();
        assert_eq!(ended.code, Some(status));
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    }
}

#[test]
fn a_signal_that_ends_the_command_is_added_to_128() {
    let scene = Scene::new();
    // The last is a real-time signal, which has a number and no name.
    for (signal, status) in [("TERM", 143), ("KILL", 137), ("36", 164)] {
        let ended = scene.run_script(&format!("kill -{signal} $$")).ended();
        assert_eq!(ended.code, Some(status), "{}", ended.stderr);
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn a_command_that_is_not_there_is_127() {
    let scene = Scene::new();
    for command in ["no-such-command-anywhere", "/no/such/command"] {
        let ended = scene.run(&[], &[command]).ended();
        assert_eq!(ended.code, Some(127));
        assert!(ended.stderr.starts_with(&format!("tenure: cannot run {command}: ")));
        assert!(!scene.lock().exists(), "nothing is left behind");
    }
}

#[test]
fn a_command_that_cannot_be_executed_is_126() {
    let scene = Scene::new();
    let file = scene.write("not-executable", "#!/bin/sh\n");
    let ended = scene.run(&[], &[file.to_str().unwrap()]).ended();
    assert_eq!(ended.code, Some(126));
    assert!(ended.stderr.starts_with("tenure: cannot run "), "{}", ended.stderr);
    assert!(ended.stderr.contains("not-executable"), "{}", ended.stderr);
    assert!(!scene.lock().exists(), "nothing is left behind");
}

#[test]
fn a_want_of_descriptors_is_71_and_no_fault_of_the_command() {
    for verb in ["run", "exec"] {
        let scene = Scene::new();
        // The linker of the program needs one more than there are streams.
        let script = format!(r#"ulimit -n 4; exec "$TENURE" {verb} "$LOCK" -- true"#);
        let ended = scene.script(&script).ended();
        assert_eq!(ended.code, Some(71), "{verb}: {}", ended.stderr);
        assert!(ended.stderr.contains("Too many open files"), "{verb}: {}", ended.stderr);
    }
}

#[test]
fn the_lockfile_is_there_exactly_while_the_command_runs() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    assert!(scene.lock().exists());
    assert_eq!(holder.end().code, Some(0));
    assert!(!scene.lock().exists());
}

#[test]
fn a_kept_lockfile_says_that_it_was_released() {
    let scene = Scene::new();
    assert_eq!(scene.run(&["--keep-file"], &["true"]).ended().code, Some(0));
    assert!(scene.record()["released_at"].is_string());
    let status = scene.status(&[]);
    assert_eq!(status.code, Some(3), "{}", status.stdout);
    // Also where the command could not be started.
    assert_eq!(scene.run(&["--keep-file"], &["/no/such/command"]).ended().code, Some(127));
    assert!(scene.record()["released_at"].is_string());
    assert_eq!(scene.status(&[]).code, Some(3));
}

#[test]
fn the_command_leads_a_process_group_of_its_own() {
    let scene = Scene::new();
    let mut running = Running::start(scene.run_script("echo $$; cat /proc/$$/stat"));
    let (pid, stat) = (running.line(), running.line());
    assert_eq!(stat_field(&stat, 5), pid, "it leads its group");
    assert_eq!(stat_field(&stat, 4), running.pid().to_string(), "its parent is the wrapper");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn standard_input_output_and_errors_are_the_commands() {
    let scene = Scene::new();
    let mut running = Running::start(scene.run_script("cat; echo complaint >&2"));
    running.say("one\ntwo\n");
    assert_eq!((running.line(), running.line()), ("one".to_owned(), "two".to_owned()));
    let ended = running.end();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "complaint\n"));
}

#[test]
fn the_command_inherits_no_descriptor_of_ours() {
    let scene = Scene::new();
    let usual = Command::new("ls").arg("/proc/self/fd").ended().stdout;
    let wrapped = scene.run(&[], &["ls", "/proc/self/fd"]).ended();
    assert_eq!(wrapped.code, Some(0));
    assert_eq!(wrapped.stdout, usual, "what it has without us, and that of the listing");
}

#[test]
fn the_command_does_not_inherit_our_blocked_signals() {
    let scene = Scene::new();
    let status = scene.run(&[], &["cat", "/proc/self/status"]).ended().stdout;
    let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
    assert_eq!(blocked.trim(), "0000000000000000");
}

#[test]
fn a_parent_that_ignores_sigchld_does_not_keep_us_waiting() {
    let scene = Scene::new();
    let mut command = scene.run_script("exit 7");
    inherits(&mut command, Signal::SIGCHLD, SigHandler::SigIgn);
    assert_eq!(command.ended().code, Some(7));
}

#[test]
fn the_command_runs_even_if_nobody_can_be_told_of_a_recovery() {
    let scene = Scene::new();
    scene.left_behind();
    let ended = scene.script(r#""$TENURE" run "$LOCK" -- echo ran 2>/dev/full"#).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "ran\n"));
}

#[test]
fn a_killed_wrapper_takes_the_command_along() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--message", "nightly"]);
    holder.signal(Signal::SIGKILL);
    // Its standard input is open still: nothing but a signal ends `cat`, and with it its output.
    assert_eq!(holder.rest(), "");
    assert_eq!(holder.end().signal, Some(9));
}

#[test]
fn the_lock_of_a_killed_wrapper_is_recovered_and_that_is_told() {
    let scene = Scene::new();
    let dead = scene.left_behind();
    let status = scene.status(&[]);
    assert_eq!(status.code, Some(1), "{}", status.stdout);
    assert!(status.stdout.contains(&format!("stale, left by pid {dead} (tenure)")));

    let next = scene.run(&[], &["echo", "ran"]).ended();
    assert_eq!((next.code, next.stdout.as_str()), (Some(0), "ran\n"));
    let told = format!("tenure: recovered {} from pid {dead} (tenure) on ", scene.lock().display());
    assert!(next.stderr.starts_with(&told), "{}", next.stderr);
    assert!(
        next.stderr.contains(r#": "ill-fated"; that was safe, because its process no longer "#)
    );
    assert!(!scene.lock().exists());

    let after = scene.run(&[], &["true"]).ended();
    assert_eq!((after.code, after.stderr.as_str()), (Some(0), ""), "nothing is left to recover");
}

#[test]
fn a_relative_lockfile_is_in_the_working_directory() {
    let scene = Scene::new();
    let ended = scene.script(r#""$TENURE" run rel.lock -- sh -c 'ls rel.lock; cd /'"#).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "rel.lock\n"));
    assert!(fs::symlink_metadata(scene.path("rel.lock")).is_err());
}
