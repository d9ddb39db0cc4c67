//! The directory of locks that have a name and no path.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::permissions::create_private_directory;
use super::user::effective_uid;

/// A place that cannot be used, and why.
pub(crate) type Unusable = (PathBuf, io::Error);

/// Characters that a name may not have, besides `/`, `\` and NUL.
pub(crate) const UNFIT_FOR_NAMES: &[char] = &[];

/// The directory of this user, which is there.
pub(crate) fn name_place() -> Result<PathBuf, Unusable> {
    place(std::env::var_os("XDG_RUNTIME_DIR"), effective_uid().unwrap_or_default())
}

fn place(runtime: Option<OsString>, uid: u32) -> Result<PathBuf, Unusable> {
    match runtime.filter(|dir| !dir.is_empty()) {
        Some(dir) => usable(PathBuf::from(dir), uid),
        None if uid == 0 => usable(PathBuf::from("/run"), uid),
        None => private(std::env::temp_dir().join(format!("tenure-{uid}")), uid),
    }
}

/// The directory, if it is one, and this user's.
fn usable(dir: PathBuf, uid: u32) -> Result<PathBuf, Unusable> {
    if dir.is_relative() {
        return refuse(dir, io::ErrorKind::InvalidInput, "XDG_RUNTIME_DIR has to be absolute");
    }
    match fs::metadata(&dir) {
        Ok(found) if found.uid() == uid => Ok(dir),
        Ok(_) => refuse(dir, io::ErrorKind::PermissionDenied, "the directory is another user's"),
        Err(err) => Err((dir, err)),
    }
}

/// The directory, made for this user alone if there is none.
fn private(dir: PathBuf, uid: u32) -> Result<PathBuf, Unusable> {
    match create_private_directory(&dir) {
        Err(err) if err.kind() != io::ErrorKind::AlreadyExists => return Err((dir, err)),
        _ => {}
    }
    // In a directory that everybody may write to, somebody else may have been there first: with a
    // link, or with a directory of theirs.
    match fs::symlink_metadata(&dir) {
        Ok(found) if !found.is_dir() || found.uid() != uid || found.mode() & 0o077 != 0 => {
            let why = "it has to be a directory of this user, with mode 0700";
            refuse(dir, io::ErrorKind::PermissionDenied, why)
        }
        Ok(_) => Ok(dir),
        Err(err) => Err((dir, err)),
    }
}

fn refuse<T>(dir: PathBuf, kind: io::ErrorKind, why: &'static str) -> Result<T, Unusable> {
    Err((dir, io::Error::new(kind, why)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn own() -> u32 {
        effective_uid().unwrap()
    }

    #[test]
    fn the_runtime_directory_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(place(Some(dir.path().into()), own()).unwrap(), dir.path());
    }

    #[test]
    fn a_runtime_directory_that_cannot_be_used_is_an_error_and_not_another_place() {
        for dir in ["relative", "/nonexistent"] {
            let (named, _) = place(Some(dir.into()), own()).unwrap_err();
            assert_eq!(named, Path::new(dir));
        }
        assert!(usable("/".into(), own() + 1).is_err(), "another user's");
    }

    #[test]
    fn a_private_directory_is_made_once_and_trusted_only_if_it_is_ours() {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("tenure");
        assert_eq!(private(dir.clone(), own()).unwrap(), dir);
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        assert_eq!(private(dir.clone(), own()).unwrap(), dir);
        assert!(private(dir.clone(), own() + 1).is_err(), "another user's");

        let link = place.path().join("link");
        std::os::unix::fs::symlink(&dir, &link).unwrap();
        assert!(private(link, own()).is_err(), "a link");
    }
}
