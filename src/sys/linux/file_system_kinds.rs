//! The kinds of file system: their names, their numbers, and whom their locks reach.
//!
//! The program compiles this file as well. So what `tenure doctor` says of a kind is what the library
//! does with it.

/// Whom the locks of a file system reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All processes of this kernel. No other one has the file system.
    Kernel,
    /// The same, by this mount. The directory beneath it has other files, of this kernel as well.
    Merged,
    /// All who use this mount. What lies beneath it has other files, and may be shared.
    Stacked,
    /// All who use this mount, unless its server does more with them.
    Fuse,
    /// Perhaps other hosts. The kind and the options of the mount say more.
    Shared,
    /// Nobody: it never changes, so nobody can make a lockfile there.
    ReadOnly,
    /// Nobody: it shows what the kernel has, and keeps no lockfiles.
    Pseudo,
}

/// A kind of file system.
#[derive(Debug)]
pub(crate) struct FileSystemKind {
    /// As `proc_pid_mountinfo(5)` names it. FUSE adds a dot and the name of its server.
    pub(crate) names: &'static [&'static str],
    /// `f_type` of statfs(2), from linux/magic.h or the source of the file system.
    pub(crate) numbers: &'static [u32],
    pub(crate) reach: Reach,
    /// Whether asking for a byte-range lock takes that lock for an instant.
    pub(crate) asks_by_locking: bool,
}

impl FileSystemKind {
    /// Whether only this kernel reaches its files and keeps their locks.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.reach, Reach::Kernel | Reach::Merged)
    }

    /// Whether a client may answer from a cache how long a file is. The files of proc(5) and its like
    /// say that they are empty and are not, but for another reason.
    pub(crate) fn caches_content(&self) -> bool {
        matches!(self.reach, Reach::Fuse | Reach::Shared)
    }

    /// The kind with this `f_type`.
    pub(crate) fn by_number(number: u32) -> Option<&'static FileSystemKind> {
        KINDS.iter().find(|kind| kind.numbers.contains(&number))
    }

    /// The kind that a mount is of: `ext4`, `fuse.sshfs`.
    pub(crate) fn by_name(name: &str) -> Option<&'static FileSystemKind> {
        let name = match name.split_once('.') {
            Some((fuse @ ("fuse" | "fuseblk"), _)) => fuse,
            _ => name,
        };
        KINDS.iter().find(|kind| kind.names.contains(&name))
    }
}

const fn kind(
    reach: Reach,
    names: &'static [&'static str],
    numbers: &'static [u32],
) -> FileSystemKind {
    FileSystemKind { names, numbers, reach, asks_by_locking: false }
}

/// All that are known. Any other one counts as shared, whatever comes.
#[rustfmt::skip]
pub(crate) const KINDS: &[FileSystemKind] = {
    use Reach::{Fuse, Kernel, Pseudo, Merged, ReadOnly, Shared, Stacked};
    &[
        kind(Kernel, &["ext2", "ext3", "ext4"], &[0xEF53]),
        kind(Kernel, &["xfs"], &[0x5846_5342]),
        kind(Kernel, &["btrfs"], &[0x9123_683E]),
        // What the kernel starts from is a tmpfs or a ramfs.
        kind(Kernel, &["tmpfs", "devtmpfs", "rootfs"], &[0x0102_1994]),
        kind(Kernel, &["ramfs"], &[0x8584_58F6]),
        kind(Kernel, &["f2fs"], &[0xF2F5_2010]),
        kind(Kernel, &["zfs"], &[0x2FC1_2FC1]),
        kind(Kernel, &["bcachefs"], &[0xCA45_1A4E]),
        kind(Kernel, &["jfs"], &[0x3153_464A]),
        kind(Kernel, &["reiserfs"], &[0x5265_4973]),
        kind(Kernel, &["nilfs2"], &[0x3434]),
        kind(Kernel, &["vfat", "msdos"], &[0x4D44]),
        kind(Kernel, &["exfat"], &[0x2011_BAB0]),
        // Newer kernels have one driver for both names.
        kind(Kernel, &["ntfs", "ntfs3"], &[0x5346_544E, 0x7366_746E]),
        kind(Kernel, &["hfs"], &[0x4244]),
        kind(Kernel, &["hfsplus"], &[0x482B]),
        kind(Kernel, &["udf"], &[0x1501_3346]),
        kind(Kernel, &["jffs2"], &[0x72B6]),
        kind(Kernel, &["ubifs"], &[0x2405_1905]),

        kind(Merged, &["overlay"], &[0x794C_7630]),
        kind(Stacked, &["ecryptfs"], &[0xF15F]),

        kind(Fuse, &["fuse", "fuseblk"], &[0x6573_5546]),
        // It has the number of FUSE.
        kind(Shared, &["virtiofs"], &[0x6573_5546]),
        kind(Shared, &["nfs", "nfs4"], &[0x6969]),
        // The two clients of Linux. `cifs_getlk` locks the range and unlocks it again.
        FileSystemKind {
            asks_by_locking: true,
            ..kind(Shared, &["cifs", "smb3"], &[0xFF53_4D42, 0xFE53_4D42])
        },
        kind(Shared, &["9p"], &[0x0102_1997]),
        kind(Shared, &["ceph"], &[0x00C3_6400]),
        // The one of the kernel has a number of its own.
        kind(Shared, &["afs"], &[0x5346_414F, 0x6B41_4653]),
        kind(Shared, &["gfs2"], &[0x0116_1970]),
        kind(Shared, &["ocfs2"], &[0x7461_636F]),
        kind(Shared, &["lustre"], &[0x0BD0_0BD0]),
        kind(Shared, &["beegfs"], &[0x1983_0326]),
        kind(Shared, &["orangefs"], &[0x2003_0528]),
        kind(Shared, &["vboxsf"], &[0x786F_4256]),
        kind(Shared, &["vmhgfs"], &[0xBACB_ACBC]),
        kind(Shared, &["prl_fs"], &[0x7C7C_6673]),
        kind(Shared, &["drvfs"], &[0x5346_4846]),

        kind(ReadOnly, &["squashfs"], &[0x7371_7368]),
        kind(ReadOnly, &["erofs"], &[0xE0F5_E1E2]),
        kind(ReadOnly, &["iso9660"], &[0x9660]),
        kind(ReadOnly, &["cramfs"], &[0x28CD_3D45]),
        kind(ReadOnly, &["romfs"], &[0x7275]),

        kind(Pseudo, &["proc"], &[0x9FA0]),
        kind(Pseudo, &["sysfs"], &[0x6265_6572]),
        kind(Pseudo, &["cgroup", "cpuset"], &[0x0027_E0EB]),
        kind(Pseudo, &["cgroup2"], &[0x6367_7270]),
        kind(Pseudo, &["debugfs"], &[0x6462_6720]),
        kind(Pseudo, &["tracefs"], &[0x7472_6163]),
        kind(Pseudo, &["securityfs"], &[0x7363_6673]),
        kind(Pseudo, &["configfs"], &[0x6265_6570]),
        kind(Pseudo, &["mqueue"], &[0x1980_0202]),
        kind(Pseudo, &["hugetlbfs"], &[0x9584_58F6]),
        kind(Pseudo, &["devpts"], &[0x1CD1]),
        kind(Pseudo, &["bpf"], &[0xCAFE_4A11]),
        kind(Pseudo, &["pstore"], &[0x6165_676C]),
        kind(Pseudo, &["efivarfs"], &[0xDE5E_81E4]),
        kind(Pseudo, &["binfmt_misc"], &[0x4249_4E4D]),
        kind(Pseudo, &["selinuxfs"], &[0xF97C_FF8C]),
        kind(Pseudo, &["smackfs"], &[0x4341_5D53]),
        kind(Pseudo, &["nsfs"], &[0x6E73_6673]),
        kind(Pseudo, &["fusectl"], &[0x6573_5543]),
        kind(Pseudo, &["autofs"], &[0x0187]),
        kind(Pseudo, &["rpc_pipefs"], &[0x6759_6969]),
        kind(Pseudo, &["nfsd"], &[0x6E66_7364]),
        kind(Pseudo, &["resctrl"], &[0x0765_5821]),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_one_kind() {
        let mut names: Vec<_> = KINDS.iter().flat_map(|kind| kind.names).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    /// FUSE and virtiofs have one number.
    #[test]
    fn kinds_of_one_number_are_the_same_to_the_library() {
        let say =
            |kind: &FileSystemKind| (kind.is_local(), kind.caches_content(), kind.asks_by_locking);
        for kind in KINDS {
            for number in kind.numbers {
                let found = FileSystemKind::by_number(*number).unwrap();
                assert_eq!(say(found), say(kind), "{kind:?}");
            }
        }
    }

    #[test]
    fn all_servers_of_fuse_are_of_its_kind() {
        for name in ["fuse", "fuseblk", "fuse.sshfs", "fuse.a.b", "fuseblk.ntfs-3g"] {
            assert_eq!(FileSystemKind::by_name(name).unwrap().reach, Reach::Fuse, "{name}");
        }
        assert!(FileSystemKind::by_name("fusectl.x").is_none());
        assert!(FileSystemKind::by_name("whatever-comes").is_none());
    }
}
