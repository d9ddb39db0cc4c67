//! Removing a file that others have open.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_DISPOSITION_FLAG_DELETE, FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE,
    FILE_DISPOSITION_FLAG_POSIX_SEMANTICS, FILE_READ_ATTRIBUTES,
};

use super::error::is_unknown;
use super::{create_file, file_information};

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
    match file_information::dispose(&open_to_remove(path)?, Some(at_once)) {
        Err(err) if is_unknown(&err) => remove_aside(path),
        result => result,
    }
}

fn open_to_remove(path: &Path) -> io::Result<File> {
    create_file::open(create_file::options().access_mode(DELETE | FILE_READ_ATTRIBUTES), path)
}

fn remove_aside(path: &Path) -> io::Result<()> {
    let aside = aside(path);
    create_file::patiently(|| fs::rename(path, &aside))?;
    // The name is free, and another contender may have made its lockfile there by now, which to put
    // this one back would replace. So, whatever comes of the next line, this is no error: at worst, as
    // after a crash before it, a file stays that nobody needs.
    let _ = open_to_remove(&aside).and_then(|file| file_information::dispose(&file, None));
    Ok(())
}

/// A name beside `path` that nothing has.
fn aside(path: &Path) -> PathBuf {
    let number = RandomState::new().build_hasher().finish();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".removed.{number:016x}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_aside_frees_its_name_at_once_and_the_disk_with_its_last_handle() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        fs::write(&path, "").unwrap();
        let reader = create_file::options().read(true).open(&path).unwrap();
        remove_aside(&path).unwrap();
        fs::write(&path, "another's").unwrap();
        drop(reader);
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
        let names: Vec<_> = fs::read_dir(&dir).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, ["lock"]);
    }
}
