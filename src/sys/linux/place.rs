//! fstatfs(2) - what kind of file system it is, and whether other kernels can reach it.

use std::fs::File;
use std::io;

use nix::sys::statfs::fstatfs;

use crate::sys::FileSystem;

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

/// SMB, as the two clients of Linux number it: `cifs_getlk` locks the range and unlocks it again.
const SMB: [i64; 2] = [0xFF53_4D42, 0xFE53_4D42];

/// The file systems whose clients keep a file's length for a while: NFS, SMB, FUSE (virtiofs has its
/// number), 9p, Ceph, AFS, OCFS2 and GFS2. Not proc(5) and its like, whose files say that they are
/// empty and are not.
const CACHING: [i64; 8] = [
    0x6969,
    0xFF53_4D42,
    0xFE53_4D42,
    0x6573_5546,
    0x0102_1997,
    0x00C3_6400,
    0x5346_414F,
    0x7461_636F,
];

/// The kind of the file system of `file`. One that is not known to be local (NFS, SMB, FUSE, 9p,
/// virtiofs, Ceph and every new one) counts as shared, and as one whose names are cached.
#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the widths of these fields differ from platform to platform"
)]
pub(crate) fn file_system(file: &File) -> io::Result<FileSystem> {
    // The field is 32 bits wide on some architectures and sign-extended on the way.
    let magic = fstatfs(file)?.filesystem_type().0 as i64 & 0xFFFF_FFFF;
    let local = LOCAL.contains(&magic);
    Ok(FileSystem {
        kind: Some(magic as u64),
        local: Some(local),
        one_view: local,
        caches_length: CACHING.contains(&magic),
        asks_by_locking: SMB.contains(&magic),
    })
}
