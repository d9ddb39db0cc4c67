//! At the release, the file must still hold what the holder wrote.

use std::fs;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use tenure::{Error, Format, Lockfile};

use crate::program::{Running, Scene};
use crate::scene::{Innocent, Print};
use crate::support::place;

const FORMATS: [Format; 4] = [Format::Json, Format::PidLine, Format::Pid, Format::PidBare];

/// What another program writes in place, which does not lock the file.
fn overwritings(innocent: &Innocent) -> [(&'static str, Vec<u8>); 5] {
    let pid = innocent.pid();
    [
        ("another PID", format!("{pid}\n").into_bytes()),
        ("another bare PID", pid.to_string().into_bytes()),
        ("a record of JSON", format!("{{\"version\":1,\"pid\":{pid},\"nonce\":\"0f\"}}\n").into()),
        ("nothing", Vec::new()),
        ("unrecognized bytes", "\u{2603}".into()),
    ]
}

/// Whether the kernel grants the lock on the file to others.
fn is_unlocked(path: &Path) -> bool {
    let file = fs::File::open(path).unwrap();
    Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok()
}

#[test]
fn unlock_reports_and_leaves_what_another_program_wrote() {
    let innocent = Innocent::start();
    for format in FORMATS {
        for (what, bytes) in overwritings(&innocent) {
            let place = place();
            let mut lock = Lockfile::new(&place.path).format(format);
            lock.try_lock().unwrap();
            fs::write(&place.path, bytes).unwrap();
            let before = Print::of(&place.path);
            let result = lock.unlock();
            let case = format!("{format:?}, {what}: {result:?}");
            assert!(matches!(result, Err(Error::Overwritten { .. })), "{case}");
            assert_eq!(Print::of(&place.path), before, "{case}");
            assert!(is_unlocked(&place.path) && !lock.is_held(), "{case}");
        }
    }
}

#[test]
fn a_drop_leaves_what_another_program_wrote() {
    let innocent = Innocent::start();
    for format in FORMATS {
        for (what, bytes) in overwritings(&innocent) {
            let place = place();
            let mut lock = Lockfile::new(&place.path).format(format);
            lock.try_lock().unwrap();
            fs::write(&place.path, bytes).unwrap();
            let before = Print::of(&place.path);
            drop(lock);
            assert_eq!(Print::of(&place.path), before, "{format:?}, {what}");
            assert!(is_unlocked(&place.path), "{format:?}, {what}");
        }
    }
}

#[test]
fn a_kept_file_is_left_as_another_program_wrote_it() {
    let innocent = Innocent::start();
    for format in FORMATS {
        for (what, bytes) in overwritings(&innocent) {
            let place = place();
            let mut lock = Lockfile::new(&place.path).format(format).keep_file(true);
            lock.try_lock().unwrap();
            fs::write(&place.path, bytes).unwrap();
            let before = Print::of(&place.path);
            let result = lock.unlock();
            let case = format!("{format:?}, {what}: {result:?}");
            assert!(matches!(result, Err(Error::Overwritten { .. })), "{case}");
            assert_eq!(Print::of(&place.path), before, "{case}");
        }
    }
}

/// The program of each format, by its name on the command line.
const NAMES: [&str; 4] = ["json", "pid-line", "pid", "pid-bare"];

#[test]
fn run_reports_and_leaves_what_another_program_wrote_and_exits_as_its_command() {
    let innocent = Innocent::start();
    for lost in ["--lost=ignore", "--lost=term"] {
        for format in NAMES {
            for (what, bytes) in overwritings(&innocent) {
                let scene = Scene::new();
                let format = format!("--format={format}");
                let command = ["sh", "-c", "cat; exit 7"];
                let mut holder = Running::start(scene.run(&[lost, &format], &command));
                holder.shakes_hands();
                fs::write(scene.lock(), bytes).unwrap();
                let before = Print::of(&scene.lock());
                let ended = holder.end();
                let case = format!("{lost} {format}, {what}: {ended:?}");
                assert_eq!(ended.code, Some(7), "{case}");
                assert!(ended.stderr.contains("wrote over the lockfile"), "{case}");
                assert_eq!(Print::of(&scene.lock()), before, "{case}");
            }
        }
    }
}

#[test]
fn a_holder_that_restores_its_record_releases_as_usual() {
    let innocent = Innocent::start();
    for format in FORMATS {
        for (what, bytes) in overwritings(&innocent) {
            let place = place();
            let mut lock = Lockfile::new(&place.path).format(format);
            lock.try_lock().unwrap();
            fs::write(&place.path, bytes).unwrap();
            assert!(matches!(lock.verify(), Err(Error::Overwritten { .. })), "{format:?}, {what}");
            lock.restore().unwrap();
            lock.verify().unwrap_or_else(|err| panic!("{format:?}, {what}: {err}"));
            lock.unlock().unwrap();
            assert!(place.names().is_empty(), "{format:?}, {what}");
        }
    }
}
