//! `run`: what becomes of the command and its children when the wrapper is killed.

use std::fs;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::support::{CommandExtension, Running, Scene, stat_field, until};

/// Whether a process of that PID is there, and not a zombie.
fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !matches!(stat_field(&stat, 3).as_str(), "Z" | "X"))
}

/// The children of `pid`.
fn children(pid: u32) -> Vec<String> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    children.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_killed_wrapper_takes_the_children_of_the_command_along() {
    let scene = Scene::new();
    let script =
        "sh -c 'trap \"\" HUP TERM; echo $$; while :; do sleep 1000; done' & echo $$; wait";
    let mut running = Running::start(scene.run_script(script));
    let (child, command) = (running.line(), running.line());
    running.signal(Signal::SIGKILL);
    // The end of the output comes when the last process that has it is gone.
    assert_eq!(running.rest(), "");
    until(|| !is_alive(&child) && !is_alive(&command));
    assert_eq!(running.end().signal, Some(9));
}

#[test]
fn the_lock_is_held_until_the_command_of_a_killed_wrapper_has_ended() {
    let scene = Scene::new();
    for _ in 0..20 {
        let mut running = Running::start(scene.run_script("echo $$; exec cat"));
        let command = running.line();
        let mut next = Running::start(scene.run_script("echo $$; exec cat"));
        // Busy, or recovered: then the command has ended before.
        running.signal(Signal::SIGKILL);
        while next.end().code == Some(75) {
            next = Running::start(scene.run_script(&format!("! kill -0 {command}")));
        }
        assert!(!is_alive(&command));
        assert_eq!(running.end().signal, Some(9));
    }
}

#[test]
fn the_guard_leaves_nothing_behind_and_keeps_nobody_waiting() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let children = children(holder.pid());
    assert_eq!(children.len(), 2, "the guard, and the command");
    assert_eq!(holder.end().code, Some(0));
    assert!(children.iter().all(|pid| !is_alive(pid)));
}

#[test]
fn a_guard_that_is_killed_is_missed_by_nobody() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let guard = children(holder.pid())[0].clone();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(guard.parse().unwrap()), Signal::SIGKILL)
        .unwrap();
    until(|| !is_alive(&guard));
    holder.shakes_hands();
    assert_eq!(holder.end().code, Some(0));
}

#[test]
fn a_guard_that_is_stopped_keeps_nobody_waiting() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let guard = children(holder.pid())[0].clone();
    let name = || fs::read_to_string(format!("/proc/{guard}/comm")).unwrap();
    until(|| name() == "tenure-guard\n");
    let pid = nix::unistd::Pid::from_raw(guard.parse().unwrap());
    nix::sys::signal::kill(pid, Signal::SIGSTOP).unwrap();
    assert_eq!(holder.end().code, Some(0));
    assert!(!is_alive(&guard));
}

#[test]
fn signals_that_end_the_wrapper_do_not_end_the_guard_before_it() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    let guard = children(holder.pid())[0].clone();
    let pid = nix::unistd::Pid::from_raw(guard.parse().unwrap());
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        nix::sys::signal::kill(pid, signal).unwrap();
    }
    assert!(is_alive(&guard));
    holder.signal(Signal::SIGKILL);
    assert_eq!(holder.rest(), "");
    until(|| !is_alive(&guard));
}

/// What no memory has the room for: with it, there are no more threads.
const STACK: (&str, &str) = ("RUST_MIN_STACK", "70368744177664");

#[test]
fn without_more_threads_the_command_runs_and_the_lock_is_held() {
    let scene = Scene::new();
    let script = "trap 'exit 3' TERM; echo ready; while :; do cat; done";
    let mut run = scene.run(&["--kill-after=1h"], &["sh", "-c", script]);
    run.env(STACK.0, STACK.1);
    let mut running = Running::start(run);
    assert!(running.error_line().contains("is not seen until the command has ended"));
    assert_eq!(running.line(), "ready");
    running.signal(Signal::SIGTERM);
    running.say("");
    assert_eq!(running.end().code, Some(3));
    assert!(!scene.lock().exists());
}

#[test]
fn a_command_begins_although_its_guard_was_killed_before() {
    if !can_trace() {
        return;
    }
    let scene = Scene::new();
    let tenure = scene.run(&[], &["echo", "it runs"]);
    let mut strace = Command::new("strace");
    // The guard alone begins a session.
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=setsid:signal=KILL"]);
    let ended = strace.arg(tenure.get_program()).args(tenure.get_args()).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "it runs\n"), "{}", ended.stderr);
}

#[expect(clippy::print_stderr, reason = "whoever reads the log should know")]
fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let can = traced.is_ok_and(|it| it.status.success());
    if !can {
        eprintln!("NOT RUN: it needs strace(1), and the right to trace");
    }
    can
}
