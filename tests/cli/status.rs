//! `status`: what it says, and how it exits.

use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;

use crate::support::{CommandExtension, Ended, Scene, tenure};

/// The object that `--json` printed, which is on a line of its own.
fn json(ended: &Ended) -> Value {
    assert_eq!(ended.stdout.find('\n'), Some(ended.stdout.len() - 1), "{}", ended.stdout);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn a_held_lock_is_0_and_its_holder_described() {
    let scene = Scene::new();
    let holder = scene.holder(&["--message", "nightly"]);
    let ended = scene.status(&[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = ended.stdout.lines().collect();
    let (path, pid) = (scene.lock(), holder.pid());
    assert!(lines[0].starts_with(&format!("{}: held by pid {pid} (tenure) on ", path.display())));
    assert!(lines[0].ends_with(": \"nightly\""), "{}", lines[0]);
    assert_eq!(lines[1], "  verdict   live");
    assert!(lines[2].starts_with("  process   tenure, of user "), "{}", lines[2]);
    assert!(lines[3].starts_with("  acquired  2"), "{}", lines[3]);
    let nonce = scene.record()["nonce"].as_str().unwrap().to_owned();
    assert_eq!(lines[4], format!("  nonce     {nonce}"));
    assert_eq!(lines.len(), 5);
}

#[test]
fn a_held_lock_in_json() {
    let scene = Scene::new();
    let holder = scene.holder(&["--message", "nightly"]);
    let ended = scene.status(&["--json"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let report = json(&ended);
    assert_eq!(report["path"], scene.lock().to_str().unwrap());
    assert_eq!(report["state"], "held");
    assert_eq!(report["verdict"], "live");
    assert_eq!(report["why"], Value::Null);
    assert!(report["explanation"].as_str().unwrap().starts_with("held by pid "));
    assert_eq!(report["holder"]["pid"], holder.pid());
    assert!(report["holder"]["held_seconds"].as_f64().unwrap() >= 0.0);
    assert_eq!(report["holder"]["process"]["program"], "tenure");
    assert!(report["holder"]["process"]["user"].is_string());
    assert!(report["holder"]["process"]["uptime_seconds"].is_u64());
    for (field, value) in scene.record().as_object().unwrap() {
        assert_eq!(&report["holder"][field], value, "the whole record is there: {field}");
    }
}

#[test]
fn how_far_the_holder_has_come_is_told() {
    let scene = Scene::new();
    let pid = std::process::id();
    let record = serde_json::json!({"pid": pid, "phase": "ready", "nonce": "0"});
    let _held = scene.held_with(&record);
    let text = scene.status(&[]).stdout;
    assert!(text.lines().any(|line| line == "  phase     ready"), "{text}");
    assert_eq!(json(&scene.status(&["--json"]))["holder"]["phase"], "ready");
}

#[test]
fn a_stale_lock_is_1_and_says_why() {
    let scene = Scene::new();
    let dead = scene.left_behind();
    let ended = scene.status(&[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""));
    assert!(ended.stdout.contains(&format!(": stale, left by pid {dead} (tenure) on ")));
    assert!(ended.stdout.contains("\n  verdict   stale: its process no longer exists\n"));
    assert!(!ended.stdout.contains("  process "), "there is none: {}", ended.stdout);

    let ended = scene.status(&["--json"]);
    assert_eq!(ended.code, Some(1));
    let report = json(&ended);
    assert_eq!((&report["state"], &report["verdict"]), (&"stale".into(), &"stale".into()));
    assert_eq!(report["why"], "dead");
    assert_eq!(report["holder"]["pid"], dead);
    assert_eq!(report["holder"]["held_seconds"], Value::Null);
    assert_eq!(report["holder"]["process"], Value::Null);
    assert!(scene.lock().exists(), "a reader changes nothing");
}

#[test]
fn a_free_lock_is_3_whether_there_is_a_file_or_not() {
    let scene = Scene::new();
    let ended = scene.status(&[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(3), ""));
    assert_eq!(ended.stdout, format!("{}: free\n", scene.lock().display()));
    let ended = scene.status(&["--json"]);
    assert_eq!(ended.code, Some(3));
    let report = json(&ended);
    assert_eq!(report["state"], "free");
    assert_eq!((&report["verdict"], &report["holder"]), (&Value::Null, &Value::Null));
    assert!(!scene.lock().exists(), "a reader changes nothing");

    assert_eq!(scene.run(&["--keep-file"], &["true"]).ended().code, Some(0));
    let ended = scene.status(&[]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.stdout.contains(": free, last held by pid "), "{}", ended.stdout);
    assert!(ended.stdout.contains("\n  released  2"), "{}", ended.stdout);
    let report = json(&scene.status(&["--json"]));
    assert_eq!((&report["state"], &report["why"]), (&"free".into(), &"released".into()));
}

#[test]
fn a_holder_that_may_live_elsewhere_is_4() {
    let scene = Scene::new();
    scene.write("the.lock", "elsewhere.example:4242");
    let ended = scene.status(&[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(4), ""));
    assert!(ended.stdout.contains(": unproven, perhaps held by pid 4242 on elsewhere.example\n"));
    let ended = scene.status(&["--json"]);
    assert_eq!(ended.code, Some(4));
    let report = json(&ended);
    assert_eq!((&report["state"], &report["verdict"]), (&"unproven".into(), &"unproven".into()));
    assert_eq!(report["why"], "foreign-host");
}

#[test]
fn what_is_not_a_lockfile_is_4_and_named() {
    let scene = Scene::new();
    let garbage = scene.write("garbage", "\x7fELF and so on");
    let directory = scene.path("directory");
    std::fs::create_dir(&directory).unwrap();
    let fifo = scene.path("fifo");
    mkfifo(&fifo, Mode::S_IRWXU).unwrap();
    let cases: [(&Path, &str); 3] = [
        (&garbage, "is not a lockfile: its first line is neither a process id nor `pid host`"),
        (&directory, "is a directory, not a regular file"),
        (&fifo, "is a FIFO, not a regular file"),
    ];
    for (path, told) in cases {
        for options in [&[][..], &["--json"]] {
            let ended = tenure().arg("status").args(options).arg(path).ended();
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
            let told = format!("tenure: {} {told}", path.display());
            assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
        }
        let ended = tenure().arg("run").arg(path).args(["--", "true"]).ended();
        assert_eq!(ended.code, Some(65), "and `run` does not take it over: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    assert_eq!(std::fs::read_to_string(garbage).unwrap(), "\x7fELF and so on");
}

#[test]
fn what_cannot_be_told_is_4() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    for options in ["", "--json"] {
        let script = format!(r#""$TENURE" status {options} "$LOCK" >/dev/full"#);
        let ended = scene.script(&script).ended();
        assert_eq!(ended.code, Some(4), "{}", ended.stderr);
        assert!(ended.stderr.starts_with("tenure: cannot write to standard output: "));
    }
    drop(holder);
}

/// This process has opened the lockfile itself, and has inherited nothing.
#[test]
fn a_lock_that_outlived_its_holder_names_who_has_it_now() {
    let scene = Scene::new();
    scene.left_behind();
    let file = std::fs::File::open(scene.lock()).unwrap();
    let _lock = nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusive).unwrap();
    let own = std::process::id();
    let ended = scene.status(&[]);
    let line = ended.stdout.lines().find(|line| line.starts_with("  lock ")).unwrap();
    assert!(line.starts_with(&format!("  lock      pid {own} (")), "{line}");
    assert!(!line.contains("inherited"), "{line}");
    let report = json(&scene.status(&["--json"]));
    assert_eq!(report["kernel_holders"][0]["pid"], own);
}
