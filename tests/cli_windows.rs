//! The program on Windows: a command that runs while a lockfile is held.
#![cfg(all(windows, feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "support/portable.rs"]
mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Peer, leave_stale, place};
use tenure::{Lockfile, State};

/// When a test gives up.
const GUARD: Duration = Duration::from_secs(60);

fn tenure(arguments: &[&str], lock: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.args(arguments).arg(lock);
    command
}

#[test]
fn the_status_is_that_of_the_command() {
    let place = place();
    for code in [0, 3, 200] {
        let exit = format!("exit {code}");
        let mut run = tenure(&["run"], &place.path);
        let status = run.args(["--", "cmd", "/c", &exit]).status().unwrap();
        assert_eq!(status.code(), Some(code));
    }
    assert!(place.names().is_empty());
}

#[test]
fn a_lock_that_is_held_is_busy_and_names_its_holder() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let output =
        tenure(&["run"], &place.path).args(["--", "cmd", "/c", "exit 3"]).output().unwrap();
    assert_eq!(output.status.code(), Some(75));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("pid {}", holder.pid())), "{said}");

    let output = tenure(&["status", "--json"], &place.path).output().unwrap();
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["state"], "held", "{status}");
}

#[test]
fn a_stale_lockfile_is_removed_and_a_held_one_is_not() {
    let place = place();
    let dead = leave_stale(&place.path);
    let ended = tenure(&["unlock"], &place.path).output().unwrap();
    assert!(ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("removed") && said.contains(&format!("pid {dead}")), "{said}");
    assert!(place.names().is_empty());

    let mut holder = Peer::holding(&place.path);
    let ended = tenure(&["unlock"], &place.path).output().unwrap();
    assert_eq!(ended.status.code(), Some(75));
    assert_eq!(holder.ask("verify"), "ok");
}

#[test]
fn a_holder_elsewhere_is_broken_by_its_nonce_alone() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let mut record = serde_json::to_value(lock.record().unwrap()).unwrap();
    lock.unlock().unwrap();
    record["host"] = "elsewhere".into();
    record["machine"] = "0123".into();
    record["device"] = 1.into();
    std::fs::write(&place.path, record.to_string()).unwrap();

    let by = |nonce: &str| tenure(&["break", "--nonce", nonce], &place.path).status().unwrap();
    assert_eq!(by("0000000000000000").code(), Some(75));
    assert_eq!(place.names(), ["test.lock"]);
    assert_eq!(by(record["nonce"].as_str().unwrap()).code(), Some(0));
    assert!(place.names().is_empty());
}

#[test]
fn whoever_waits_returns_when_the_holder_has_gone() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let late = tenure(&["wait", "-w", "0"], &place.path).status().unwrap();
    assert_eq!(late.code(), Some(75));
    let mut waiter = tenure(&["wait"], &place.path).spawn().unwrap();
    holder.crash();
    assert!(waiter.wait().unwrap().success());
    // Nothing was acquired and nothing removed.
    assert_eq!(Lockfile::new(&place.path).status().unwrap().state(), State::Stale);
}

#[test]
fn changes_are_told_as_they_come() {
    let place = place();
    let mut watch = tenure(&["watch", "--json"], &place.path);
    let mut watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut state = || {
        let line = lines.next().unwrap().unwrap();
        let change: serde_json::Value = serde_json::from_str(&line).unwrap();
        change["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(), "free");
    let holder = Peer::holding(&place.path);
    assert_eq!(state(), "held");
    holder.crash();
    assert_eq!(state(), "stale");
    watch.kill().unwrap();
    watch.wait().unwrap();
}

#[test]
fn a_command_that_is_none_is_not_found() {
    let place = place();
    let status = tenure(&["run"], &place.path).args(["--", "no-such-command"]).status().unwrap();
    assert_eq!(status.code(), Some(127));
    assert!(place.names().is_empty());
}

#[test]
fn a_killed_wrapper_takes_the_command_along() {
    let place = place();
    // The command: it holds a lock itself, and waits for what it is told.
    let inner = place.path.with_extension("inner");
    let mut run = tenure(&["run"], &place.path);
    run.arg("--");
    let mut command = Peer::through(run, &inner);
    assert_eq!(command.ask("try_lock"), "ok");
    let wrapper = command.kill();
    let mut lock = Lockfile::new(&inner);
    // Nobody has told the command to end: its input is open until the end of this test.
    lock.lock_timeout(GUARD).unwrap();
    assert!(lock.was_abandoned());
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), wrapper);
}
