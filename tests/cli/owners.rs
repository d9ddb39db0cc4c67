//! `status` and `list`: which process has the lock, where the lockfile names another, or none.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::elsewhere::elsewhere;
use crate::support::{CommandExtension, Ended, Running, Scene, tenure};

/// A process that has nothing to do with locks, until it is dropped.
struct Bystander(Child);

impl Bystander {
    fn new() -> Self {
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

/// flock(1), which holds the lock alone, and a command that ends with its input.
fn flock(scene: &Scene) -> Running {
    let mut flock = scene.script(r#"exec flock -o "$LOCK" cat"#);
    flock.stdin(Stdio::piped());
    let mut flock = Running::start(flock);
    flock.shakes_hands();
    flock
}

/// What the kernel's lock and the content say of one lockfile.
fn assert_held_by_another(scene: &Scene, owner: u32, named: u32) {
    let ended = scene.status(&[]);
    let head = ended.stdout.lines().next().unwrap();
    assert!(head.contains(&format!("held by pid {owner} (")), "{head}");
    let other =
        format!("the file names another process, which does not have the lock: pid {named}");
    assert!(head.contains(&other), "{head}");
    let report = json(&scene.status(&["--json"]));
    assert_eq!(report["holder_has_lock"], false);
    assert_eq!(report["kernel_holders"][0]["pid"], owner);
    assert_eq!(report["kernel_holders"][0]["inherited_from"], Value::Null);
    assert!(report["explanation"].as_str().unwrap().contains(&other), "{report}");
    let listed = tenure().arg("list").arg(scene.path("")).ended();
    assert!(listed.stdout.contains(&format!("another than {named}")), "{}", listed.stdout);
}

#[test]
fn the_process_with_the_lock_is_the_holder_whatever_the_file_names() {
    let scene = Scene::new();
    let bystander = Bystander::new();
    let named = bystander.0.id();
    scene.write("the.lock", &format!("{named}\n"));
    let owner = flock(&scene);
    assert_held_by_another(&scene, owner.pid(), named);
}

#[test]
fn a_copied_record_of_a_live_holder_names_another_than_the_one_with_the_lock() {
    let (scene, other) = (Scene::new(), Scene::new());
    let holder = other.holder(&[]);
    fs::copy(other.lock(), scene.lock()).unwrap();
    let owner = flock(&scene);
    assert_held_by_another(&scene, owner.pid(), holder.pid());
}

#[test]
fn a_holder_that_has_the_lock_is_not_looked_for() {
    let scene = Scene::new();
    let holder = scene.holder(&["--format", "pid"]);
    let ended = scene.status(&[]);
    assert!(ended.stdout.contains(&format!("held by pid {}", holder.pid())), "{}", ended.stdout);
    assert!(!ended.stdout.contains("\n  lock "), "{}", ended.stdout);
    let report = json(&scene.status(&["--json"]));
    assert_eq!(
        (&report["holder_has_lock"], &report["kernel_holders"]),
        (&true.into(), &Value::Array(vec![]))
    );
}

/// flock(1) leaves its descriptor to the command, and that to `tenure status`.
#[test]
fn the_process_that_asks_is_left_out_although_it_inherited_the_lock() {
    let scene = Scene::new();
    let script = r#"flock "$LOCK" sh -c '"$TENURE" status --json "$LOCK"; :'"#;
    let report = json(&scene.script(script).ended());
    assert_eq!(report["state"], "held");
    let owners = report["kernel_holders"].as_array().unwrap();
    let programs: Vec<_> = owners.iter().map(|owner| owner["program"].as_str().unwrap()).collect();
    assert_eq!(programs, ["flock", "sh"]);
    assert_eq!(owners[0]["inherited_from"], Value::Null);
    assert_eq!(owners[1]["inherited_from"], owners[0]["pid"], "{report}");
}

#[test]
fn a_holder_in_a_container_has_its_pid_here_and_there() {
    elsewhere("unshare -m", &["unshare"], || {
        let scene = Scene::new();
        let container =
            r#"exec unshare --pid --fork --kill-child --mount-proc "$TENURE" run "$LOCK" -- cat"#;
        let mut command = scene.script(container);
        command.stdin(Stdio::piped());
        let mut holder = Running::start(command);
        holder.shakes_hands();
        let ended = scene.status(&[]);
        assert!(
            ended.stdout.contains("held by pid 1 (tenure) in another container on "),
            "{}",
            ended.stdout
        );
        let report = json(&scene.status(&["--json"]));
        let owners = report["kernel_holders"].as_array().unwrap();
        let inside: Vec<_> = owners.iter().map(|owner| owner["pid_inside"].as_u64()).collect();
        assert!(inside.contains(&Some(1)), "{report}");
        let pid = owners.iter().find(|owner| owner["pid_inside"] == 1).unwrap()["pid"].as_u64();
        let line =
            format!("pid {} (tenure), of user root, in a container with pid 1 there", pid.unwrap());
        assert!(ended.stdout.contains(&line), "{}", ended.stdout);
        assert!(Path::new(&format!("/proc/{}", pid.unwrap())).exists());
        let busy = scene.run(&["--nonblock"], &["true"]).ended();
        assert!(busy.stderr.contains(" in another container on "), "{}", busy.stderr);
    });
}
