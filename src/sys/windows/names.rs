//! What gives a file a name.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use windows_sys::Win32::Foundation::ERROR_NOT_A_REPARSE_POINT;

use super::create_file::patiently;
use super::error::is;

/// The target of the symbolic link at `path`, or `None` where there is none any more.
pub(crate) fn link_target(path: &Path) -> io::Result<Option<OsString>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target.into())),
        Err(err)
            if err.kind() == io::ErrorKind::NotFound || is(&err, ERROR_NOT_A_REPARSE_POINT) =>
        {
            Ok(None)
        }
        Err(err) => Err(err),
    }
}

/// `CreateHardLinkW` - gives the file at `path` another `name`, which nothing has yet.
pub(crate) fn link(path: &Path, name: &Path) -> io::Result<()> {
    fs::hard_link(path, name)
}

/// `MoveFileExW` - gives the file at `path` another `name` in place of that one. Nothing has it yet.
pub(crate) fn rename(path: &Path, name: &Path) -> io::Result<()> {
    patiently(|| fs::rename(path, name))
}

/// The names in the directory `dir`.
pub(crate) fn names_in(dir: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}
