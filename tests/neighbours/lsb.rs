//! pidofproc and killproc of `/lib/lsb/init-functions`, which init scripts call.

use std::path::Path;
use std::process::{Command, Output};

use crate::held;
use crate::reader::{Ask, NAME, is_as_the_table_says};
use crate::support::elsewhere::elsewhere;

const FUNCTIONS: &str = "/lib/lsb/init-functions";
const NEEDS: [&str; 3] = [FUNCTIONS, "start-stop-daemon", "ps"];

fn sh(call: &str, path: &Path) -> Output {
    let script = format!(". {FUNCTIONS}; {call}");
    let program = format!("/usr/sbin/{NAME}");
    Command::new("sh").args(["-c", &script, "sh"]).arg(path).arg(program).output().unwrap()
}

fn pidofproc(path: &Path) -> Option<u32> {
    let output = sh("pidofproc -p \"$1\" \"$2\"", path);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), !text.is_empty(), "{text}");
    text.trim_end().parse().ok()
}

fn killproc(path: &Path) {
    sh("killproc -p \"$1\" \"$2\" TERM", path);
}

#[test]
fn pidofproc_finds_the_holder_and_nobody_else() {
    elsewhere("env", &NEEDS, || is_as_the_table_says("pidofproc -p", Ask::Tells(pidofproc)));
}

#[test]
fn killproc_stops_the_holder_and_nobody_else() {
    elsewhere("env", &NEEDS, || is_as_the_table_says("killproc -p", Ask::Stops(killproc)));
}

/// It takes the holder for dead, and cleans up.
#[test]
fn killproc_removes_a_lockfile_that_it_cannot_read_and_the_holder_notices() {
    elsewhere("env", &NEEDS, || {
        let (place, mut holder) = held("json");
        killproc(&place.path);
        assert!(!place.path.exists());
        let answer = holder.ask("verify");
        assert!(answer.starts_with("RogueDeletion: "), "{answer}");
    });
}
