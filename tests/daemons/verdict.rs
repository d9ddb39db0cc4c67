//! What tenure says of a file, and what it does with it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{CommandExtension, Ended, tenure};

/// What every touch of a file changes.
#[derive(Debug, PartialEq, Eq)]
struct Print {
    inode: u64,
    changed: (i64, i64),
    bytes: Vec<u8>,
}

impl Print {
    fn of(path: &Path) -> Self {
        let meta = fs::metadata(path).expect("the file is there");
        let changed = (meta.ctime(), meta.ctime_nsec());
        Self { inode: meta.ino(), changed, bytes: fs::read(path).unwrap() }
    }
}

fn ask(verb: &[&str], path: &Path, after: &[&str]) -> Ended {
    tenure().args(verb).arg(path).args(after).ended()
}

fn run(path: &Path) -> Ended {
    ask(&["run", "-n"], path, &["--", "true"])
}

fn unlock(path: &Path) -> Ended {
    ask(&["unlock"], path, &[])
}

/// The report of `tenure status --json`, which has to exit with `code`.
#[track_caller]
fn status(path: &Path, code: i32) -> Value {
    let ended = ask(&["status", "--json"], path, &[]);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    if ended.stdout.is_empty() { Value::Null } else { serde_json::from_str(&ended.stdout).unwrap() }
}

#[track_caller]
fn leaves(path: &Path, code: i32) {
    let before = Print::of(path);
    for ended in [run(path), unlock(path)] {
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert_eq!(Print::of(path), before, "{ended:?}");
    }
}

/// The PIDs of those who have a kernel lock on the file, as the report names them.
fn kernel_holders(report: &Value) -> Vec<u32> {
    if report["holder_has_lock"] == true {
        return vec![u32::try_from(report["holder"]["pid"].as_u64().unwrap()).unwrap()];
    }
    let Some(holders) = report["kernel_holders"].as_array() else { return Vec::new() };
    holders.iter().map(|holder| u32::try_from(holder["pid"].as_u64().unwrap()).unwrap()).collect()
}

/// The file names the holder `named`, the process `locking` has a lock on it, and nothing touches it.
#[track_caller]
pub(crate) fn is_busy(path: &Path, named: Option<u32>, locking: Option<u32>) {
    let report = status(path, 0);
    assert_eq!(
        (&report["state"], &report["verdict"]),
        (&json!("held"), &json!("live")),
        "{report}"
    );
    assert_eq!(report["holder"]["pid"], json!(named), "{report}");
    assert_eq!(kernel_holders(&report), Vec::from_iter(locking), "{report}");
    leaves(path, 75);
}

/// The same, where the record of a tenure that is gone is in the file, or nothing.
#[track_caller]
pub(crate) fn is_locked_again(path: &Path, locking: u32) {
    let report = status(path, 0);
    let expected = (&json!("held"), &Value::Null);
    assert_eq!((&report["state"], &report["holder"]), expected, "{report}");
    assert_eq!(kernel_holders(&report), [locking], "{report}");
    leaves(path, 75);
}

/// The file is blank, nobody has a lock on it, and a process has it open.
#[track_caller]
pub(crate) fn is_open_elsewhere(path: &Path) {
    let report = status(path, 4);
    let expected = (&json!("unproven"), &json!("opened"));
    assert_eq!((&report["state"], &report["why"]), expected, "{report}");
    leaves(path, 75);
}

#[track_caller]
pub(crate) fn is_stale(path: &Path, pid: u32) {
    let report = status(path, 1);
    assert_eq!((&report["state"], &report["why"]), (&json!("stale"), &json!("dead")), "{report}");
    assert_eq!(report["holder"]["pid"], json!(pid), "{report}");
}

/// Nobody has the empty file. An unlock leaves it.
#[track_caller]
pub(crate) fn is_empty(path: &Path) {
    let report = status(path, 3);
    assert_eq!(report["state"], json!("empty"), "{report}");
    let before = Print::of(path);
    assert_eq!(unlock(path).code, Some(65));
    assert_eq!(Print::of(path), before);
}

/// The file is no lockfile, and nothing touches it.
#[track_caller]
pub(crate) fn is_not_recognized(path: &Path) {
    assert_eq!(status(path, 4), Value::Null);
    leaves(path, 65);
}

/// `tenure run` gets the lock, and leaves the file in its place, free.
#[track_caller]
pub(crate) fn is_used_and_kept(path: &Path) {
    let before = Print::of(path);
    let ended = run(path);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(Print::of(path).inode, before.inode);
    assert_eq!(status(path, 3)["state"], json!("free"));
}

#[track_caller]
pub(crate) fn is_removed_by_unlock(path: &Path) {
    let ended = unlock(path);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!path.exists());
}
