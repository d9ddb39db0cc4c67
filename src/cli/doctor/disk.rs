//! The file system: who else can reach it, and whether its locks reach them.

use crate::doctor::finding::Finding;
use crate::doctor::mount::Mount;
use crate::doctor::subject::Subject;

const ABOUT: &str = "disk";

/// Those that one kernel has to itself. Every other one counts as shared, whatever comes.
const LOCAL: [&str; 18] = [
    "ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "ramfs", "overlay", "f2fs", "zfs", "bcachefs",
    "jfs", "reiserfs", "nilfs2", "vfat", "exfat", "ntfs", "ntfs3",
];

pub(super) fn examine(subject: &Subject) -> Finding {
    if let Some(mount) = Mount::of(&subject.dir) {
        return judge(&mount);
    }
    let text = "which file system this is cannot be told: /proc/self/mountinfo cannot be read";
    Finding::note(ABOUT, text).remedy("mount /proc")
}

fn judge(mount: &Mount) -> Finding {
    let (kind, point) = (&mount.kind, mount.point.display());
    if LOCAL.contains(&kind.as_str()) {
        return Finding::ok(ABOUT, format!("{kind} on {point}: local to this machine"));
    }
    if kind.starts_with("nfs") {
        let local = mount.options.iter().any(|option| option == "nolock")
            || matches!(mount.option("local_lock"), Some("all" | "flock"));
        if local {
            let text = format!(
                "{kind} on {point} is shared, and mounted so that locks exclude on this host only \
                 (nfs(5)): another host can hold at the same time"
            );
            return Finding::bad(ABOUT, text).remedy("mount it without nolock and local_lock");
        }
        let text = format!(
            "{kind} on {point} is shared: locks exclude those on other hosts, too (nfs(5)), and \
             whether a holder there is alive cannot be told from here"
        );
        return Finding::note(ABOUT, text).remedy("for locks of this host alone, use /run");
    }
    let text = format!(
        "{kind} on {point} may be shared with other hosts, and its locks may exclude on this one only"
    );
    Finding::warn(ABOUT, text).remedy("try it from two hosts, or use /run for locks of this one")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::doctor::finding::Level;

    fn level(kind: &str, options: &[&str]) -> Level {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        judge(&Mount { point: PathBuf::from("/"), kind: kind.to_owned(), options }).level()
    }

    #[test]
    fn what_is_not_known_to_be_local_may_be_shared() {
        assert_eq!(level("ext4", &[]), Level::Ok);
        assert_eq!(level("fuse.sshfs", &[]), Level::Warn);
        assert_eq!(level("whatever-comes", &[]), Level::Warn);
    }

    #[test]
    fn nfs_excludes_unless_the_mount_says_otherwise() {
        assert_eq!(level("nfs4", &["rw", "local_lock=none"]), Level::Note);
        for option in ["nolock", "local_lock=all", "local_lock=flock"] {
            assert_eq!(level("nfs", &["rw", option]), Level::Bad, "{option}");
        }
        assert_eq!(level("nfs", &["local_lock=posix"]), Level::Note);
    }
}
