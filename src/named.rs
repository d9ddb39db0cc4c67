//! The place of a lock that has a name and no path.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Op, Result, failed};
use crate::sys;

/// The longest name of a file, in bytes, on every file system in use (`NAME_MAX`, limits.h).
const FILE_NAME_LIMIT: usize = 255;

/// The path of the lock called `name`.
pub(crate) fn path(name: &str) -> Result<PathBuf> {
    let file = file_name(name)?;
    Ok(directory(std::env::var_os("XDG_RUNTIME_DIR"))?.join(file))
}

/// The name of the file: pure.
fn file_name(name: &str) -> Result<String> {
    let file = format!("{name}.lock");
    let broken = if name.is_empty() {
        "it is empty"
    } else if name.contains(['/', '\\']) {
        "it has a slash or a backslash"
    } else if name.contains('\0') {
        "it has a NUL"
    } else if file.len() > FILE_NAME_LIMIT {
        "it is too long for a file"
    } else {
        return Ok(file);
    };
    Err(Error::InvalidName { name: name.to_owned(), reason: broken })
}

fn directory(runtime: Option<OsString>) -> Result<PathBuf> {
    let uid = sys::effective_uid();
    match runtime.filter(|dir| !dir.is_empty()) {
        Some(dir) => usable(PathBuf::from(dir), uid),
        None if uid == 0 => usable(PathBuf::from("/run"), uid),
        None => private(std::env::temp_dir().join(format!("tenure-{uid}")), uid),
    }
}

/// The directory, if it is one, and this user's.
fn usable(dir: PathBuf, uid: u32) -> Result<PathBuf> {
    if dir.is_relative() {
        return refuse(&dir, io::ErrorKind::InvalidInput, "XDG_RUNTIME_DIR has to be absolute");
    }
    let found = fs::metadata(&dir).map_err(failed(Op::Place, &dir))?;
    if found.uid() != uid {
        return refuse(&dir, io::ErrorKind::PermissionDenied, "the directory is another user's");
    }
    Ok(dir)
}

/// The directory, made for this user alone if there is none.
fn private(dir: PathBuf, uid: u32) -> Result<PathBuf> {
    match DirBuilder::new().mode(0o700).create(&dir) {
        Err(err) if err.kind() != io::ErrorKind::AlreadyExists => {
            return Err(failed(Op::Place, &dir)(err));
        }
        _ => {}
    }
    // In a directory that everybody may write to, somebody else may have been there first: with a
    // link, or with a directory of theirs.
    let found = fs::symlink_metadata(&dir).map_err(failed(Op::Place, &dir))?;
    if !found.is_dir() || found.uid() != uid || found.mode() & 0o077 != 0 {
        let why = "it has to be a directory of this user, with mode 0700";
        return refuse(&dir, io::ErrorKind::PermissionDenied, why);
    }
    Ok(dir)
}

fn refuse<T>(dir: &Path, kind: io::ErrorKind, why: &'static str) -> Result<T> {
    Err(failed(Op::Place, dir)(io::Error::new(kind, why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_file() {
        assert_eq!(file_name("my-app").unwrap(), "my-app.lock");
        assert_eq!(file_name("..").unwrap(), "...lock");
    }

    #[test]
    fn a_name_that_is_no_file_is_refused() {
        for name in ["", "a/b", "a\\b", "a\0b", &"x".repeat(251)] {
            assert!(matches!(file_name(name), Err(Error::InvalidName { .. })), "{name:?}");
        }
        assert!(file_name(&"x".repeat(250)).is_ok());
    }

    #[test]
    fn the_runtime_directory_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(directory(Some(dir.path().into())).unwrap(), dir.path());
    }

    #[test]
    fn a_runtime_directory_that_cannot_be_used_is_an_error_and_not_another_place() {
        for dir in ["relative", "/nonexistent"] {
            assert!(matches!(directory(Some(dir.into())), Err(Error::Io { op: Op::Place, .. })));
        }
        let uid = sys::effective_uid();
        assert!(usable("/proc/self".into(), uid + 1).is_err(), "another user's");
    }

    #[test]
    fn a_private_directory_is_made_once_and_trusted_only_if_it_is_ours() {
        let uid = sys::effective_uid();
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("tenure");
        assert_eq!(private(dir.clone(), uid).unwrap(), dir);
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        assert_eq!(private(dir.clone(), uid).unwrap(), dir);
        assert!(private(dir.clone(), uid + 1).is_err(), "another user's");

        let link = place.path().join("link");
        std::os::unix::fs::symlink(&dir, &link).unwrap();
        assert!(private(link, uid).is_err(), "a link");
    }
}
