//! monit, the daemon, which checks a process by its PID file.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::reader::{Ask, is_as_the_table_says};
use crate::support::elsewhere::elsewhere;
use crate::support::place;

/// What the first check of a new daemon finds.
fn checked(path: &Path) -> Option<u32> {
    let own = place();
    let file = |name: &str| own.dir().join(name);
    let mut lines = vec!["set daemon 1".to_owned()];
    for name in ["pidfile", "statefile", "idfile"] {
        lines.push(format!("set {name} {}", file(name).display()));
    }
    lines.push(format!("check process checked with pidfile {}\n", path.display()));
    fs::write(file("monitrc"), lines.join("\n")).unwrap();
    fs::set_permissions(file("monitrc"), Permissions::from_mode(0o600)).unwrap();
    // It tells what is well in one place, and what is not in the other.
    let mut monit = Command::new("sh");
    monit.args(["-c", "exec monit -I -v -c \"$1\" 2>&1", "sh"]).arg(file("monitrc"));
    let mut monit = monit.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(monit.stdout.take().unwrap()).lines();
    let said = lines
        .map(Result::unwrap)
        .find_map(|line| line.split_once("'checked' process is ").map(|(_, said)| said.to_owned()));
    monit.kill().unwrap();
    monit.wait().unwrap();
    match &*said.expect("it says what it has found") {
        "not running" => None,
        said => Some(said.strip_prefix("running with pid ").expect(said).parse().unwrap()),
    }
}

#[test]
fn monit_finds_the_holder_and_nobody_else() {
    elsewhere("env", &["monit"], || is_as_the_table_says("monit", Ask::Tells(checked)));
}
