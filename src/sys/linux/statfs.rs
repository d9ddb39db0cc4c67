//! fstatfs(2) - what kind of file system it is, and whether other kernels can reach it.

use std::fs::File;
use std::io;

use nix::sys::statfs::fstatfs;

use super::file_system_kinds::FileSystemKind;
use crate::sys::file_system::FileSystem;

/// The kind of the file system of `file`. One that is not known to be local (NFS, SMB, FUSE, 9p,
/// virtiofs, Ceph and every new one) counts as shared, and as one whose names are cached.
pub(crate) fn file_system(file: &File) -> io::Result<FileSystem> {
    let number = number(file)?;
    let kind = FileSystemKind::by_number(number);
    let local = kind.is_some_and(FileSystemKind::is_local);
    Ok(FileSystem {
        kind: Some(u64::from(number)),
        local: Some(local),
        one_view: local,
        caches_content: kind.is_some_and(FileSystemKind::caches_content),
        asks_by_locking: kind.is_some_and(|kind| kind.asks_by_locking),
    })
}

/// `f_type`. The field is 32 bits wide on some architectures and sign-extended on the way.
#[allow(
    clippy::unnecessary_cast,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the width of this field differs from platform to platform"
)]
fn number(file: &File) -> io::Result<u32> {
    Ok(fstatfs(file)?.filesystem_type().0 as u32)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;

    /// What is mounted here has the names and the numbers of the table.
    #[test]
    fn names_and_numbers_are_those_of_the_kernel() {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let mut kinds = BTreeMap::new();
        for line in mounts.lines() {
            let (mount, file_system) = line.split_once(" - ").unwrap();
            // Of several at one point, the last is seen.
            kinds.insert(mount.split(' ').nth(4).unwrap(), file_system.split(' ').next().unwrap());
        }
        let mut seen = 0;
        for (point, name) in kinds {
            let Some(kind) = FileSystemKind::by_name(name) else { continue };
            // It may be hidden beneath another, or not be for this user.
            let Ok(file) = File::open(point) else { continue };
            let number = number(&file).unwrap();
            assert!(kind.numbers.contains(&number), "{name} on {point}: {number:#x}, {kind:?}");
            seen += 1;
        }
        assert!(seen > 0, "nothing known is mounted here");
    }
}
