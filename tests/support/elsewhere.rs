//! Tests that run elsewhere: in namespaces of their own, where what they do to the system is seen
//! by nobody else, and is gone with them.

use std::any::type_name_of_val;
use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const SCENE: &str = "TENURE_TEST_SCENE";
/// Set where every test has to run, as in CI: what cannot be run is then a failure.
const EVERYTHING: &str = "TENURE_TEST_EVERYTHING";

/// Runs `scene`, a closure written in the test itself, in this test program once more, started by
/// `command`, such as `unshare -m`. So a scene may mount, unmount and start what it likes.
///
/// `needs`: programs, and absolute paths, that the scene cannot do without. Where they are missing,
/// or this process is not allowed what `command` does, says so and returns.
pub fn elsewhere(command: &str, needs: &[&str], scene: impl FnOnce()) {
    let name = test_name(type_name_of_val(&scene));
    if env::var(SCENE).is_ok_and(|running| running == name) {
        scene();
        return;
    }
    if let Some(obstacle) = obstacle(command, needs) {
        assert!(env::var_os(EVERYTHING).is_none(), "{obstacle}, and {EVERYTHING} is set");
        tell(&format!("NOT RUN: {name}: {obstacle}"));
        return;
    }
    let output = started_by(command)
        .arg(env::current_exe().expect("a program has a path"))
        .args(["--exact", name, "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(SCENE, name)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("it was started before");
    let said = String::from_utf8_lossy(&output.stdout);
    // A name that fits no test would pass as well.
    let passed = output.status.success() && said.contains(" 1 passed");
    assert!(passed, "{name} failed under `{command}`, {}:\n{said}", output.status);
}

/// `program::module::test::{{closure}}` as libtest calls it: `module::test`.
fn test_name(closure: &str) -> &str {
    let path = closure.strip_suffix("::{{closure}}").expect("the scene is a closure in its test");
    path.split_once("::").expect("the program comes first").1
}

fn started_by(command: &str) -> Command {
    let mut words = command.split_whitespace();
    let mut started = Command::new(words.next().expect("a command has a name"));
    started.args(words);
    started
}

fn obstacle(command: &str, needs: &[&str]) -> Option<String> {
    let there = |need: &&&str| match Path::new(need) {
        path if path.is_absolute() => path.exists(),
        name => env::split_paths(&env::var_os("PATH").unwrap_or_default())
            .any(|directory| directory.join(name).exists()),
    };
    if let Some(missing) = needs.iter().find(|need| !there(need)) {
        return Some(format!("there is no {missing} here"));
    }
    match started_by(command).arg("true").stderr(Stdio::null()).status() {
        Ok(status) if status.success() => None,
        _ => Some(format!("`{command}` is refused here")),
    }
}

/// Says it to whoever runs the tests, also when the test passes.
pub fn tell(message: &str) {
    // Not by eprintln!, whose words the harness shows for tests that failed only. In one write, so
    // that two tests do not speak at once.
    let _ = io::stderr().write_all(format!("{message}\n").as_bytes());
}

/// Runs a program that has to succeed.
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) {
    let output = Command::new(program).args(arguments).output().expect(program);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {}: {said}", output.status);
}
