//! The programs that read the PID files of others, and those that clean up after them: the real ones
//! where there are any, and the documented rules where there are not.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[cfg(feature = "systemd")]
#[path = "neighbours/notify.rs"]
mod notify;
#[path = "neighbours/pgrep.rs"]
mod pgrep;
#[path = "neighbours/start_stop_daemon.rs"]
mod start_stop_daemon;
mod support;
#[path = "neighbours/systemd.rs"]
mod systemd;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::{Peer, Place, place};

/// The formats whose first line is a PID and nothing else.
const PID_FIRST: [&str; 3] = ["pid-line", "pid", "pid-bare"];

/// A place, and a peer that holds its lockfile, written in `format`.
fn held(format: &str) -> (Place, Peer) {
    let place = place();
    let mut holder = Peer::with(&place.path, format);
    assert_eq!(holder.ask("try_lock"), "ok");
    (place, holder)
}

/// How a command that takes the path of a lockfile at its end went about it.
fn output(command: &str, path: &Path) -> Output {
    let mut words = command.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words).arg(path).stdin(Stdio::null()).output().unwrap()
}

/// What the command says, and how it exits.
fn said(command: &str, path: &Path) -> (String, Option<i32>) {
    let output = output(command, path);
    (String::from_utf8(output.stdout).unwrap().trim_end().to_owned(), output.status.code())
}

/// As monit reads a PID file, with `fscanf("%d")`: the number that comes first, after any blanks.
fn scanned(path: &Path) -> Option<u32> {
    let text = fs::read_to_string(path).unwrap();
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[test]
fn monit_finds_the_holder_and_nobody_in_a_released_lockfile() {
    for format in PID_FIRST {
        let (place, mut holder) = held(&format!("{format} keep message=4711"));
        assert_eq!(scanned(&place.path), Some(holder.pid()), "{format}");
        assert_eq!(holder.ask("set_phase ready"), "ok");
        assert_eq!(scanned(&place.path), Some(holder.pid()), "{format}");
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(scanned(&place.path), None, "{format}");
    }
    let (place, _holder) = held("");
    assert_eq!(scanned(&place.path), None, "JSON");
}
