//! Paths that lead nowhere, or cannot be.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tenure::{Error, Lockfile};

use crate::scene::ask;
use crate::support::{Peer, place};

#[test]
fn a_name_that_is_too_long_is_refused() {
    let place = place();
    let component = place.dir().join("c".repeat(300));
    let path = place.dir().join("d/".repeat(2500)).join("test.lock");
    for path in [component, path] {
        ask(&path).are_all("Io", &path, &["cannot ", "File name too long"]);
    }
    assert!(place.names().is_empty());
}

#[test]
fn a_name_that_is_not_text_works() {
    let place = place();
    let path = place.dir().join(OsStr::from_bytes(b"\xFF\xFE\x1b.lock"));
    let holder = Peer::holding(&path);
    ask(&path).are_busy(&path, holder.pid());
    holder.crash();
    let mut lock = Lockfile::acquire(&path).unwrap();
    lock.verify().unwrap();
    lock.unlock().unwrap();
    assert!(fs::read_dir(place.dir()).unwrap().next().is_none());
}

#[test]
fn no_path_at_all_is_refused() {
    ask("".as_ref()).are_all("Io", "".as_ref(), &["cannot inspect", "empty"]);
}

#[test]
fn a_path_with_nul_is_refused() {
    let place = place();
    let path = place.dir().join("test\0.lock");
    ask(&path).are_all("Io", &path, &["cannot "]);
}

#[test]
fn a_path_that_can_only_be_a_directory_is_refused_as_one() {
    let place = place();
    let inside = |end: &str| PathBuf::from(format!("{}{end}", place.dir().display()));
    let dirs = [".".into(), "..".into(), "/".into(), inside(""), inside("/"), inside("/.")];
    for path in dirs {
        let part = if path.is_absolute() { &*path } else { Path::new("/") };
        ask(&path).are_all("NotALockfile", part, &["is a directory", "it was not touched"]);
    }
}

#[test]
fn a_trailing_slash_is_never_a_file() {
    let place = place();
    let path = PathBuf::from(format!("{}/", place.path.display()));
    ask(&path).create_says("Io", &path, &["cannot create the lockfile", "Is a directory"]);
    assert!(place.names().is_empty());

    fs::write(&place.path, "4242").unwrap();
    ask(&path).are_all("Io", &path, &["cannot "]);
    assert_eq!(fs::read(&place.path).unwrap(), b"4242");
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_path_through_a_file_is_refused() {
    let place = place();
    fs::write(&place.path, "4242").unwrap();
    let path = place.path.join("test.lock");
    ask(&path).are_all("Io", &path, &["cannot ", "Not a directory"]);
    assert_eq!(fs::read(&place.path).unwrap(), b"4242");
}

#[test]
fn a_directory_that_is_missing_is_not_made() {
    let place = place();
    let path = place.dir().join("missing/test.lock");
    let remedy = "its directory has to exist first";
    ask(&path).create_says("Io", &path, &["cannot create the lockfile", remedy]);
    assert!(matches!(Lockfile::acquire(&path), Err(Error::Io { .. })));
    assert!(place.names().is_empty());
}
