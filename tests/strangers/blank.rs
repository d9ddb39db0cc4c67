//! A file that names nobody can be what a crash left, or the lock of a program that takes no kernel
//! lock.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tenure::{Error, Lockfile, State};

use crate::program::{Ended, Scene};
use crate::scene::{Print, ask};
use crate::stranger::Stranger;
use crate::support::{Place, place};

/// Every content that names nobody.
const BLANK: [(&str, &[u8]); 5] = [
    ("empty", b""),
    ("NUL-filled", &[0; 512]),
    ("blanks", b"   \t  "),
    ("torn", b"{\"version\":1,\"pid\":41"),
    ("torn at once", b"{"),
];

const EMPTY: &str = "is empty: nobody has a kernel lock on it, and it names nobody";

fn blank(bytes: &[u8]) -> Place {
    let place = place();
    fs::write(&place.path, bytes).unwrap();
    place
}

/// What makes a blank file one that no crash of a tenure holder leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    TwoNames,
    Mode(u32),
    OpenElsewhere(&'static str),
}

const SIGNS: [Sign; 6] = [
    Sign::TwoNames,
    Sign::Mode(0o000),
    Sign::Mode(0o200),
    Sign::Mode(0o400),
    Sign::OpenElsewhere("r"),
    Sign::OpenElsewhere("w"),
];

impl Sign {
    /// Gives the file this sign. The process has it open, if one does.
    fn set(self, path: &Path) -> Option<Stranger> {
        match self {
            Self::TwoNames => fs::hard_link(path, path.with_extension("other")).unwrap(),
            Self::Mode(mode) => {
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
            Self::OpenElsewhere(access) => {
                let mut stranger = Stranger::start();
                stranger.open(path, access);
                return Some(stranger);
            }
        }
        None
    }
}

#[test]
fn a_blank_file_is_taken_over_if_a_crash_could_have_left_it() {
    for (name, bytes) in BLANK {
        let place = blank(bytes);
        let mut lock = Lockfile::new(&place.path);
        assert_eq!(lock.status().unwrap().state(), State::Empty, "{name}");
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
    }
}

#[test]
fn a_blank_file_is_not_taken_over_if_another_program_could_have_made_it() {
    for (name, bytes) in BLANK {
        for sign in SIGNS {
            let place = blank(bytes);
            let stranger = sign.set(&place.path);
            let before = Print::of(&place.path);
            let result = Lockfile::new(&place.path).try_lock();
            let case = format!("{name}, {sign:?}: {result:?}");
            match sign {
                Sign::OpenElsewhere(_) => {
                    assert!(matches!(result, Err(Error::Busy { holder: None, .. })), "{case}");
                }
                _ => assert!(matches!(result, Err(Error::InvalidPid { .. })), "{case}"),
            }
            assert_eq!(Print::of(&place.path), before, "{case}");
            drop(stranger);
        }
    }
}

#[test]
fn a_blank_file_that_another_process_has_open_is_taken_over_once_it_is_closed() {
    for (_, bytes) in BLANK {
        let place = blank(bytes);
        let stranger = Sign::OpenElsewhere("w").set(&place.path);
        let mut lock = Lockfile::new(&place.path);
        assert!(lock.try_lock().unwrap_err().is_busy());
        drop(stranger);
        lock.try_lock().unwrap();
    }
}

#[test]
fn a_process_in_another_pid_namespace_that_has_a_blank_file_open_keeps_it() {
    let place = blank(b"");
    let mut stranger = Stranger::in_another_pid_namespace();
    stranger.open(&place.path, "w");
    assert!(Lockfile::new(&place.path).try_lock().unwrap_err().is_busy());
}

#[test]
fn nothing_removes_a_blank_file_unless_it_is_told_to() {
    for (name, bytes) in BLANK {
        let place = blank(bytes);
        let before = Print::of(&place.path);
        let lock = Lockfile::new(&place.path);
        for result in
            [lock.release_stale().map(drop), lock.break_unproven("0123456789abcdef").map(drop)]
        {
            assert!(matches!(result, Err(Error::Empty { .. })), "{name}: {result:?}");
            assert!(result.unwrap_err().to_string().contains(EMPTY));
        }
        assert_eq!(Print::of(&place.path), before, "{name}");
        assert!(lock.remove_empty(true).release_stale().unwrap(), "{name}");
        assert!(!place.path.exists(), "{name}");
    }
}

#[test]
fn remove_empty_leaves_a_blank_file_that_another_program_could_have_made() {
    for (name, bytes) in BLANK {
        for sign in SIGNS {
            let place = blank(bytes);
            let _stranger = sign.set(&place.path);
            let before = Print::of(&place.path);
            let result = Lockfile::new(&place.path).remove_empty(true).release_stale();
            assert!(result.is_err(), "{name}, {sign:?}");
            assert_eq!(Print::of(&place.path), before, "{name}, {sign:?}");
        }
    }
}

fn said(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

#[test]
fn every_verb_says_that_a_blank_file_is_empty_and_leaves_it() {
    const STATE: &str = "empty: nobody has a kernel lock on it, and it names nobody";
    for (name, bytes) in BLANK {
        let scene = Scene::new();
        let path = scene.lock();
        fs::write(&path, bytes).unwrap();
        let before = Print::of(&path);
        for (verb, says) in [
            (&["status"][..], STATE),
            (&["unlock"], STATE),
            (&["break", "--nonce", "0123456789abcdef"], STATE),
            (&["doctor"], STATE),
        ] {
            let ended = ask(verb, &path, &[]);
            assert!(said(&ended).contains(says), "{name}: {verb:?}: {ended:?}");
            assert_eq!(Print::of(&path), before, "{name}: {verb:?}");
        }
        let listed = ask(&["list"], path.parent().unwrap(), &[]);
        assert!(listed.stdout.contains("empty"), "{name}: {listed:?}");
        assert_eq!(Print::of(&path), before, "{name}");
        let ended = ask(&["unlock", "--empty"], &path, &[]);
        assert_eq!(ended.code, Some(0), "{name}: {ended:?}");
        assert!(!path.exists(), "{name}");
    }
}

#[test]
fn unlock_with_empty_leaves_a_blank_file_that_another_process_has_open() {
    for (name, bytes) in BLANK {
        let place = blank(bytes);
        let _stranger = Sign::OpenElsewhere("w").set(&place.path);
        let before = Print::of(&place.path);
        let ended = ask(&["unlock", "--empty"], &place.path, &[]);
        assert_eq!(ended.code, Some(75), "{name}: {ended:?}");
        assert_eq!(Print::of(&place.path), before, "{name}");
    }
}
