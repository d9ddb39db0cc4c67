//! What the help texts and the README show: every example is run, and says what it is shown to say.
//!
//! Each verb's examples are in a file of `tests/documented/`, as a session at a shell prompt. They
//! name the places and the commands that an operator has, and so they run where these are made for
//! them: in namespaces of their own, with directories in memory.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

#[allow(dead_code, unreachable_pub, reason = "other tests need more of it, and from farther away")]
#[path = "support/elsewhere.rs"]
mod elsewhere;

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use elsewhere::{elsewhere, run};
use tenure::{Lockfile, Phase, State};
use trycmd::TestCases;
use trycmd::schema::Bin;

const TENURE: &str = env!("CARGO_BIN_EXE_tenure");
/// Where the sessions are.
const SESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documented");
/// The session ends with the processes in it.
const NAMESPACES: &str = "unshare --mount --pid --ipc --fork --mount-proc --kill-child";
const NEEDS: [&str; 4] = ["bash", "jq", "gzip", "mount"];

/// Makes the places and the commands, and goes there.
fn set_up() {
    let dirs = ["/run", "/srv", "/usr/local/bin", "/usr/share/bash-completion"];
    let more = ["/usr/share/man", "/usr/share/zsh", "/usr/share/fish"];
    for dir in dirs.iter().chain(&more) {
        fs::create_dir_all(dir).unwrap();
        run("mount", ["-t", "tmpfs", "tmpfs", dir]);
    }
    for dir in ["bash-completion/completions", "zsh/site-functions", "man/man1"] {
        fs::create_dir_all(Path::new("/usr/share").join(dir)).unwrap();
    }
    fs::create_dir_all("/usr/share/fish/vendor_completions.d").unwrap();
    fs::create_dir("/srv/shared").unwrap();
    for name in ["backup", "backupd", "sync-mail", "httpd", "dump", "poweroff"] {
        command(&Path::new("/usr/local/bin").join(name));
    }
    fs::create_dir("/srv/site").unwrap();
    command(Path::new("/srv/site/serve"));
    std::os::unix::fs::symlink(TENURE, "/usr/local/bin/tenure").unwrap();
    env::set_current_dir("/srv/site").unwrap();
}

/// A command that says what it was called with.
fn command(path: &Path) {
    fs::write(path, "#!/bin/sh\necho \"${0##*/}\" \"$@\"\n").unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// Holds the lockfile, until the session ends, and survives what it is passed on but TERM.
fn holder(lock: &str) -> Holder {
    let script = "trap : HUP; echo; while :; do sleep 1000; done";
    let mut holder = Command::new(TENURE);
    holder.args(["run", "--message", "nightly", lock, "--", "sh", "-c", script]);
    let mut holder = holder.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = [0];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut line).unwrap();
    Holder(holder)
}

/// One who holds a lock, until this is dropped.
struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the session of `verb`.
fn session(verb: &str) {
    cases(&format!("{SESSIONS}/{verb}.trycmd"));
}

fn cases(path: &str) {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned();
    let cases = TestCases::new();
    cases.register_bin("tenure", Bin::Path(TENURE.into()));
    cases.register_bin("bash", Bin::Path("/bin/bash".into()));
    // Whoever reads the README has no installed program yet.
    cases.register_bin("cargo", Bin::Ignore);
    cases.insert_var("[HOST]", host).unwrap();
    cases.case(path);
    cases.run();
}

#[test]
fn run_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("run");
    });
}

#[test]
fn exec_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("exec");
    });
}

#[test]
fn status_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        session("status");
    });
}

#[test]
fn list_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        leave("/srv/shared/dead.pid");
        session("list");
    });
}

#[test]
fn watch_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        leave("/run/backup.pid");
        session("watch");
    });
}

#[test]
fn wait_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let mut backupd = Lockfile::new("/run/backupd.pid").phase(Phase::Ready);
        backupd.try_lock().unwrap();
        session("wait");
    });
}

#[test]
fn stop_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        session("stop");
    });
}

#[test]
fn signal_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        session("signal");
    });
}

#[test]
fn unlock_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        leave("/run/backup.pid");
        session("unlock");
    });
}

#[test]
fn break_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let record = r#"{"version":1,"pid":4242,"host":"batch-7","message":"month end",
            "boot_id":"another","machine":"another","nonce":"0f5b1a9c33e0d472"}"#;
        fs::write("/srv/shared/batch.lock", record).unwrap();
        session("break");
    });
}

#[test]
fn doctor_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("doctor");
    });
}

#[test]
fn flock_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        fs::write("/srv/state", "well\n").unwrap();
        let alone =
            r#"[ "$LOCKED" = "$0" ] || exec env LOCKED="$0" tenure flock -n "$0" "$0" "$@""#;
        fs::write("/srv/alone", format!("#!/bin/sh\n{alone}\necho alone \"$@\"\n")).unwrap();
        fs::set_permissions("/srv/alone", Permissions::from_mode(0o755)).unwrap();
        session("flock");
    });
}

#[test]
fn generate_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("generate");
    });
}

#[test]
fn the_readme_shows_what_happens() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        cases(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    });
}

/// A PID file of a process that is not there.
fn leave(lock: &str) {
    fs::write(lock, "4194303\n").unwrap();
    assert_eq!(Lockfile::new(lock).status().unwrap().state(), State::Stale);
}

#[test]
fn no_example_is_left_out() {
    let help = |words: &[&str]| {
        let output = Command::new(TENURE).args(words).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let verbs = help(&[]);
    let (_, verbs) = verbs.split_once("Commands:\n").unwrap();
    let names = verbs.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.split_whitespace().next());
    for verb in names.filter(|name| *name != "help").chain(["generate"]) {
        let help = help(&[verb]);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        let session = fs::read_to_string(format!("{SESSIONS}/{verb}.trycmd")).unwrap();
        for example in examples.lines().map(str::trim) {
            // In a session the quotes of a shell may be within others.
            let shown = session.replace(r#"\""#, "\"");
            let is_script = example.starts_with("[ \"$LOCKED\"");
            assert!(is_script || shown.contains(example), "{verb}: {example}");
        }
    }
}
