//! The programs that read the PID files of others, and those that clean up after them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "neighbours/lsb.rs"]
mod lsb;
#[path = "neighbours/monit.rs"]
mod monit;
#[cfg(feature = "systemd")]
#[path = "neighbours/notify.rs"]
mod notify;
#[path = "neighbours/pgrep.rs"]
mod pgrep;
#[path = "neighbours/pidproxy.rs"]
mod pidproxy;
#[path = "neighbours/reader.rs"]
mod reader;
#[path = "neighbours/readers.rs"]
mod readers;
#[path = "neighbours/start_stop_daemon.rs"]
mod start_stop_daemon;
mod support;
#[path = "neighbours/systemd.rs"]
mod systemd;
#[cfg(feature = "cli")]
#[path = "neighbours/systemd_boot.rs"]
mod systemd_boot;

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
