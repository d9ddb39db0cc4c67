//! What gives a file a name, and takes one from it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use nix::libc;

/// readlink(2) - the target of the symbolic link at `path`, or `None` where there is none any more.
pub(crate) fn link_target(path: &Path) -> io::Result<Option<OsString>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target.into())),
        Err(err) if matches!(err.raw_os_error(), Some(libc::ENOENT | libc::EINVAL)) => Ok(None),
        Err(err) => Err(err),
    }
}

/// unlink(2) - removes the name `path`. The caller holds the lock on the file that it names, or is
/// the only one that may remove it.
#[expect(clippy::disallowed_methods, reason = "the one place: callers hold the lock and compare")]
pub(crate) fn unlink(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// link(2) - gives the file at `path` another `name`, which nothing has yet.
pub(crate) fn link(path: &Path, name: &Path) -> io::Result<()> {
    fs::hard_link(path, name)
}

/// rename(2) - gives the file at `path` another `name` in place of that one. Nothing has it yet.
pub(crate) fn rename(path: &Path, name: &Path) -> io::Result<()> {
    fs::rename(path, name)
}

/// readdir(3) - the names in the directory `dir`.
pub(crate) fn names_in(dir: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}
