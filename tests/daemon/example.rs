//! `examples/daemonize.rs`, with real forks.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tenure::{Lockfile, Verdict};

use crate::support::{place, wait_until};

/// When a test gives up.
const GUARD: Duration = Duration::from_secs(30);

/// Cargo has built it, unless it was asked for this test alone.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let example = test.parent().unwrap().parent().unwrap().join("examples/daemonize");
    if !example.exists() {
        let target = example.ancestors().nth(3).unwrap();
        let built = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--example", "daemonize", "--target-dir"])
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.unwrap().success(), "the example");
    }
    example
}

/// What systemd does with `Type=forking`: it waits for the first process, and reads the file then.
#[test]
fn the_record_is_right_when_the_first_process_exits() {
    let place = place();
    let mut command = Command::new(example());
    command.arg(&place.path);
    let first = command.output().unwrap();
    assert!(first.status.success(), "{first:?}");
    let line = fs::read_to_string(&place.path).unwrap();
    let daemon: u32 = line.lines().next().unwrap().parse().unwrap();
    assert_eq!(String::from_utf8(first.stdout).unwrap().trim(), daemon.to_string());

    let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
    assert_eq!((holder.pid(), holder.verdict()), (daemon, Verdict::Live));
    let leader = fs::read_to_string(format!("/proc/{daemon}/stat")).unwrap();
    let session = leader.rsplit(')').next().unwrap().split_whitespace().nth(3).unwrap();
    assert_ne!(session, daemon.to_string(), "it was forked twice: it leads no session");

    let second = command.output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains(&format!("is locked by pid {daemon}")), "{said}");

    File::create(place.dir().join("test.lock.stop")).unwrap();
    let mut next = Lockfile::new(&place.path);
    next.lock().unwrap();
    assert!(next.recovered_from().is_none(), "the daemon has released it");
    wait_until(|| !PathBuf::from(format!("/proc/{daemon}/cwd")).exists());
}

#[test]
fn a_relative_path_is_one_of_where_it_was_started() {
    let place = place();
    let mut command = Command::new(example());
    command.arg("test.lock").current_dir(place.dir());
    let first = command.output().unwrap();
    assert!(first.status.success(), "{first:?}");
    File::create(place.dir().join("test.lock.stop")).unwrap();
    let mut next = Lockfile::new(&place.path);
    next.lock_timeout(GUARD).unwrap();
    assert!(next.recovered_from().is_none(), "the daemon has released it");
}
