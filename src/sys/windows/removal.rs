//! Removing a file that others have open.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_FUNCTION, ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_DISPOSITION_FLAG_DELETE, FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE,
    FILE_DISPOSITION_FLAG_POSIX_SEMANTICS, FILE_READ_ATTRIBUTES,
};

use super::error::is;
use super::{information, open};

/// Removes the name `path`. The caller holds the lock on the file that it names, or is the only one
/// that may remove it.
///
/// The name is free at once. Where the file system cannot do that (before Windows 10 1709, and on
/// disks other than NTFS), a file goes with its last handle, and until then nobody can use its name:
/// therefore it is given another, and goes by that.
pub(crate) fn unlink(path: &Path) -> io::Result<()> {
    let at_once = FILE_DISPOSITION_FLAG_DELETE
        | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS
        | FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE;
    match information::dispose(&open_to_remove(path)?, Some(at_once)) {
        Err(err) if is_unknown(&err) => remove_aside(path),
        result => result,
    }
}

fn open_to_remove(path: &Path) -> io::Result<File> {
    open::open(open::options().access_mode(DELETE | FILE_READ_ATTRIBUTES), path)
}

/// The system, or the file system, does not know of it.
fn is_unknown(err: &io::Error) -> bool {
    [ERROR_INVALID_PARAMETER, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED]
        .iter()
        .any(|number| is(err, *number))
}

fn remove_aside(path: &Path) -> io::Result<()> {
    let aside = aside(path);
    open::patiently(|| fs::rename(path, &aside))?;
    // A crash before the next line leaves a file that nobody needs.
    let removed = open_to_remove(&aside).and_then(|file| information::dispose(&file, None));
    removed.inspect_err(|_| {
        // It stays, and by its own name.
        let _ = fs::rename(&aside, path);
    })
}

/// A name beside `path` that nothing has.
fn aside(path: &Path) -> PathBuf {
    let number = RandomState::new().build_hasher().finish();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".removed.{number:016x}"));
    name.into()
}
