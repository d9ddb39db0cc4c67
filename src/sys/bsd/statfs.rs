//! fstatfs(2) - the kind of a file system, by its name.

use std::fs::File;
use std::io;

use nix::sys::statfs::fstatfs;

use crate::sys::file_system::FileSystem;

/// The disk file systems of macOS and FreeBSD, and tmpfs(5). They have no clients that answer from a
/// cache. That locks are good on one kernel only is not concluded from it.
const ONE_VIEW: [&str; 10] =
    ["apfs", "hfs", "ufs", "ffs", "zfs", "tmpfs", "msdos", "msdosfs", "exfat", "ext2fs"];

/// What the name of the file system of `file` tells.
pub(crate) fn file_system(file: &File) -> io::Result<FileSystem> {
    let one_view = ONE_VIEW.contains(&fstatfs(file)?.filesystem_type_name());
    Ok(FileSystem { one_view, ..FileSystem::default() })
}
