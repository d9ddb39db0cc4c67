//! fstatfs(2) - whether other kernels can reach the file system.

use std::fs::File;
use std::io;

use nix::sys::statfs::fstatfs;

/// The file systems whose locks one kernel keeps, and keeps by the file, by their numbers in linux/magic.h and
/// in statfs(2): ext2 to ext4, XFS, Btrfs, tmpfs, ramfs, overlayfs, F2FS, ZFS, bcachefs, JFS,
/// `ReiserFS`, NILFS, FAT, exFAT and NTFS.
const LOCAL: [i64; 16] = [
    0xEF53,
    0x5846_5342,
    0x9123_683E,
    0x0102_1994,
    0x8584_58F6,
    0x794C_7630,
    0xF2F5_2010,
    0x2FC1_2FC1,
    0xCA45_1A4E,
    0x3153_464A,
    0x5265_4973,
    0x3434,
    0x4D44,
    0x2011_BAB0,
    0x7366_746E,
    0x5346_544E,
];

/// Whether the file system of `file` is certainly local. Every one that is not known to be (NFS,
/// SMB, FUSE, 9p, virtiofs, Ceph, whatever comes) counts as shared.
#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    clippy::cast_possible_wrap,
    reason = "the widths of these fields differ from platform to platform"
)]
pub(crate) fn is_local(file: &File) -> io::Result<Option<bool>> {
    let magic = fstatfs(file)?.filesystem_type().0 as i64;
    // The field is 32 bits wide on some architectures and sign-extended on the way.
    Ok(Some(LOCAL.contains(&(magic & 0xFFFF_FFFF))))
}
