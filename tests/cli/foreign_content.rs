//! What the program says of the lockfiles of other programs.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{CommandExtension, Ended, Scene, tenure};

/// A PID that no process has.
const NOBODY: u32 = 4_194_304;

/// A process that lives until it is dropped.
struct Process(Child);

impl Process {
    fn start() -> Self {
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    /// When it started: field 22 of `/proc/PID/stat`.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

fn first_line(path: &str) -> String {
    fs::read_to_string(path).unwrap().trim().to_owned()
}

fn run(scene: &Scene) -> Ended {
    tenure().arg("run").arg(scene.lock()).args(["--", "true"]).ended()
}

fn json(scene: &Scene) -> Value {
    serde_json::from_str(&scene.status(&["--json"]).stdout).unwrap()
}

/// Content, and how `status` exits.
fn check(table: &[(String, i32)]) {
    let scene = Scene::new();
    for (content, code) in table {
        scene.write("the.lock", content);
        let ended = scene.status(&[]);
        assert_eq!(ended.code, Some(*code), "{content:?}: {}{}", ended.stdout, ended.stderr);
    }
}

#[test]
fn a_lockfile_of_several_pids_is_held_while_one_of_them_lives() {
    let live = Process::start();
    let pid = live.pid();
    check(&[
        (format!("{NOBODY}\n{pid}\n"), 0),
        (format!("{pid}\r\n{NOBODY}\r\n"), 0),
        (format!("{NOBODY}\n4194303\n"), 1),
        (format!("{NOBODY} {pid}\n"), 0),
        (format!("{pid}\n{{\"version\":1,\"pid\":{NOBODY},\"nonce\":\"00ff00ff00ff00ff\"}}\n"), 0),
        (format!("{NOBODY}\n{{\"version\":1,\"pid\":{pid},\"nonce\":\"00ff00ff00ff00ff\"}}\n"), 0),
        (
            format!("{NOBODY}\n{{\"version\":1,\"pid\":4194303,\"nonce\":\"00ff00ff00ff00ff\"}}\n"),
            1,
        ),
    ]);
    let scene = Scene::new();
    scene.write("the.lock", &format!("{NOBODY}\n{pid}\n"));
    let shown = scene.status(&[]).stdout;
    assert!(shown.contains(&format!("held by pids {NOBODY}, {pid}\n")), "{shown}");
    assert!(shown.contains("  process   cat, of user "), "{shown}");
    assert_eq!(json(&scene)["holder"]["more_pids"], serde_json::json!([pid]));
    assert_eq!(run(&scene).code, Some(75));
}

#[test]
fn host_machine_boot_and_start_decide_before_the_pid() {
    let live = Process::start();
    let (pid, ticks) = (live.pid(), live.ticks());
    let host = first_line("/proc/sys/kernel/hostname");
    let machine = first_line("/etc/machine-id");
    let boot = first_line("/proc/sys/kernel/random/boot_id");
    let other = "2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e";
    let other_machine = "0123456789abcdef0123456789abcdef";
    check(&[
        (format!("{pid}\n{host}\n"), 0),
        (format!("{NOBODY}\n{}\n", host.to_uppercase()), 1),
        (format!("{NOBODY}\nlocalhost\n"), 1),
        (format!("{NOBODY}\nelsewhere.example\n"), 4),
        (format!("{pid}\nelsewhere.example\n"), 4),
        (format!("{pid}\n{host}\n{ticks}\n"), 0),
        (format!("{pid}\n{host}\n{}\n", ticks + 1), 1),
        (format!("{NOBODY}\n{host}?pidns-1\n"), 4),
        (format!("{pid}\napp\n{host}\n{machine}\n{boot}\n"), 0),
        (format!("{NOBODY}\napp\n{host}\n{machine}\n{boot}\n"), 1),
        (format!("{pid}\napp\n{host}\n{machine}\n{other}\n"), 1),
        (format!("{NOBODY}\napp\n{host}\n{other_machine}\n{other}\n"), 4),
        (format!("{NOBODY}\napp\n{host}\n{other_machine}\n{boot}\n"), 4),
        (format!("{NOBODY}\napp\nelsewhere.example\n{machine}\n{boot}\n"), 4),
        (format!("{NOBODY}\napp\nelsewhere.example\n{machine}\n{other}\n"), 4),
        (format!("{pid} {ticks} {boot}\n"), 0),
        (format!("{pid} {ticks} {other}\n"), 1),
        (format!("{{\"PID\":\"{pid}\",\"hostname\":\"{host}\"}}"), 0),
        (format!("{{\"PID\":\"{NOBODY}\",\"hostname\":\"elsewhere.example\"}}"), 4),
    ]);
}

#[test]
fn what_is_no_lockfile_is_left() {
    let scene = Scene::new();
    for content in ["20261130\n", "4194305\n", "1\nfilelock-strict-v1\0\n0\n", "::1:42"] {
        let path = scene.write("the.lock", content);
        assert_eq!(scene.status(&[]).code, Some(4), "{content:?}");
        run(&scene);
        assert_eq!(fs::read_to_string(path).unwrap(), content);
    }
}

#[test]
fn a_file_older_than_the_process_of_its_pid_is_busy_and_can_be_broken() {
    let live = Process::start();
    let scene = Scene::new();
    let path = scene.write("the.lock", &format!("{}\n", live.pid()));
    assert_eq!(scene.status(&[]).code, Some(0));
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();

    let told = "the file is older than the process that has that PID now";
    let ended = scene.status(&[]);
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    let report = json(&scene);
    assert_eq!(report["why"], "older-than-process");
    assert_eq!(report["holder"]["pid"], live.pid());
    let ended = run(&scene);
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    let ended = tenure().arg("unlock").arg(scene.lock()).ended();
    assert!(ended.code == Some(75) && ended.stderr.contains(told), "{}", ended.stderr);
    assert!(path.exists());

    let nonce = report["holder"]["incarnation"].as_str().unwrap();
    let break_by =
        |nonce: &str| tenure().args(["break", "--nonce", nonce]).arg(scene.lock()).ended();
    assert_eq!(break_by("legacy-0000000000000000").code, Some(75));
    assert!(path.exists());
    let ended = break_by(nonce);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!path.exists());
}

#[test]
fn a_pid_that_was_only_looked_up_is_not_called_a_proof() {
    let scene = Scene::new();
    scene.write("the.lock", &format!("{NOBODY}\n"));
    let ended = run(&scene);
    assert_eq!(ended.code, Some(0));
    let told = format!("from pid {NOBODY}; its process no longer exists");
    assert!(ended.stderr.contains(&told), "{}", ended.stderr);
}
