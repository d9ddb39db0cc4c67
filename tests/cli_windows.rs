//! The program on Windows: a command that runs while a lockfile is held.
#![cfg(all(windows, feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "support/portable.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use support::{Peer, place};

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
fn a_command_that_is_none_is_not_found() {
    let place = place();
    let status = tenure(&["run"], &place.path).args(["--", "no-such-command"]).status().unwrap();
    assert_eq!(status.code(), Some(127));
    assert!(place.names().is_empty());
}
