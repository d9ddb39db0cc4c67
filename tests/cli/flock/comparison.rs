//! The same scripts with flock(1), with this program linked to its name, and with `tenure flock`.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::table::{self, Case, Shown};
use crate::support::{CommandExtension, Scene, TENURE};

const TABLES: [&str; 6] = [
    include_str!("cases/options.txt"),
    include_str!("cases/words.txt"),
    include_str!("cases/opening.txt"),
    include_str!("cases/locking.txt"),
    include_str!("cases/command.txt"),
    include_str!("cases/talk.txt"),
];

/// Those that need strace(1).
const FAULTS: &str = include_str!("cases/faults.txt");

/// Runs the cases with `flock` as `install` puts it into the directory that it is given, and asserts
/// that they show what the tables say.
fn assert_as_told(cases: &[Case], install: impl Fn(&Path)) {
    let mut wrong = Vec::new();
    for case in cases {
        let scene = Scene::new();
        let (programs, place) = (scene.path("programs"), scene.path("place"));
        fs::create_dir(&programs).unwrap();
        fs::create_dir(&place).unwrap();
        install(&programs.join("flock"));
        let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap());
        let mut script = scene.script(&format!("umask 022\n{}", case.script));
        script.env("PATH", path).env("LC_ALL", "C").env("SHELL", "/bin/sh").current_dir(&place);
        let shown = Shown::from(script.ended());
        if shown != case.expected {
            let Case { name, script, expected, .. } = case;
            wrong.push(format!("# {name}\n{script}{shown}instead of\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All cases, or those that can be run here.
fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = TABLES.into_iter().flat_map(table::read).collect();
    if can_run("the faults", "strace", &["-f", "-qq", "-o", "/dev/null", "true"]).is_some() {
        cases.extend(table::read(FAULTS));
    }
    cases
}

/// What `program` says; nothing, if it cannot be run here.
#[expect(clippy::print_stderr, reason = "a case that was not run must not look as if it was")]
fn can_run(case: &str, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok();
    let said = output.filter(|output| output.status.success());
    if said.is_none() {
        assert!(env::var_os("TENURE_TEST_EVERYTHING").is_none(), "{case}: it needs {program}");
        eprintln!("NOT RUN: {case}: it needs {program}");
    }
    said.map(|output| String::from_utf8(output.stdout).unwrap())
}

/// A file that can be executed.
fn write_program(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn linked_to_the_name_of_flock_it_does_what_flock_does() {
    assert_as_told(&cases(), |flock| symlink(TENURE, flock).unwrap());
}

#[test]
fn the_verb_does_what_flock_does() {
    let script = format!("#!/bin/sh\nexec '{TENURE}' flock \"$@\"\n");
    assert_as_told(&cases(), |flock| write_program(flock, &script));
}

#[test]
fn what_flock_does_is_what_flock_does() {
    let case = "the comparison with flock(1)";
    let Some(version) = can_run(case, "flock", &["--version"]) else { return };
    assert!(version.starts_with("flock from util-linux "), "there are others: {version}");
    let help = can_run(case, "flock", &["--help"]).unwrap();
    let mut cases = cases();
    cases.retain(|case| match &case.differs {
        None => true,
        // A reason that goes away with a newer one.
        Some(why) => why.strip_prefix("without ").is_some_and(|option| help.contains(option)),
    });
    let real = real();
    assert_as_told(&cases, |flock| symlink(&real, flock).unwrap());
}

/// flock(1), wherever it is.
fn real() -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    env::split_paths(&path).map(|dir| dir.join("flock")).find(|flock| flock.exists()).unwrap()
}

#[test]
fn there_are_no_two_cases_of_a_name() {
    let mut names: Vec<_> = cases().into_iter().map(|case| case.name).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(all > 150);
}
