//! A program that is executed in the holder's place has its lock, and a failure changes nothing.
#![cfg(any(target_os = "linux", target_os = "android"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

use std::io::{self, Read};
use std::process::{Command, Stdio};

use tenure::{Error, Hardlink, Lockfile, Op, State};

/// A command that does not exist.
fn nothing() -> Command {
    Command::new("/nonexistent/program")
}

#[test]
fn a_failure_leaves_the_lock_as_it_was_and_nobody_inherits_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("the.lock");
    let mut lock = Lockfile::acquire(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    match lock.exec(&mut nothing()) {
        Err(Error::Io { op: Op::Execute, path, source }) => {
            assert_eq!(path, std::path::Path::new("/nonexistent/program"));
            assert_eq!(source.kind(), io::ErrorKind::NotFound);
        }
        other => panic!("{other:?}"),
    }
    assert!(lock.is_held());
    lock.verify().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before, "the record names this program");
    let mut child =
        Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    drop(lock);
    assert_eq!(Lockfile::new(&path).status().unwrap().state(), State::Free);
    let again = Lockfile::acquire(&path).unwrap();
    drop(child.stdin.take());
    child.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
    child.wait().unwrap();
    drop(again);
}

#[test]
fn a_lock_that_is_no_descriptor_is_not_left_to_a_program() {
    let dir = tempfile::tempdir().unwrap();
    let mut lock = Lockfile::new(dir.path().join("the.lock")).backend(Hardlink);
    assert!(matches!(lock.exec(&mut nothing()), Err(Error::NotHeld { .. })));
    lock.try_lock().unwrap();
    assert!(matches!(lock.exec(&mut nothing()), Err(Error::Unsupported { .. })));
    lock.unlock().unwrap();
}
