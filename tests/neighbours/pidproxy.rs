//! pidproxy of supervisor passes its signals on to the process that a PID file names.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::reader::{Ask, is_as_the_table_says};
use crate::support::elsewhere::elsewhere;

/// Passes on SIGTERM. Returns once it has ended, or has said that it cannot read the file.
fn pass_on(path: &Path) {
    let mut command = Command::new("pidproxy");
    // Its own child says that it runs. It ends at the end of its input.
    command.arg(path).args(["/bin/sh", "-c", "echo started; exec cat >/dev/null"]);
    command.env("PYTHONUNBUFFERED", "1").stderr(Stdio::null());
    let mut proxy = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(proxy.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "started");
    kill(Pid::from_raw(i32::try_from(proxy.id()).unwrap()), Signal::SIGTERM).unwrap();
    let input = proxy.stdin.take();
    // The child has the pipe, too.
    drop(input);
    if let Some(line) = lines.next() {
        assert!(line.unwrap().starts_with("Can't read child pidfile"));
        proxy.kill().unwrap();
    }
    proxy.wait().unwrap();
}

#[test]
fn pidproxy_signals_the_holder_and_nobody_else() {
    elsewhere("env", &["pidproxy"], || is_as_the_table_says("pidproxy", Ask::Stops(pass_on)));
}
