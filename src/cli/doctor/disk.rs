//! The file system: who else can reach it, and whether its locks reach them.

mod fuse;
mod shared;

#[path = "../../sys/linux/file_system_kinds.rs"]
#[allow(dead_code, reason = "the library, which compiles it too, asks by number")]
mod file_system_kinds;

use crate::doctor::finding::Finding;
use crate::doctor::mount::Mount;
use file_system_kinds::{FileSystemKind, Reach};

const ABOUT: &str = "disk";

pub(super) fn examine(mount: Option<&Mount>) -> Finding {
    if let Some(mount) = mount {
        return judge(mount);
    }
    let text = "which file system this is cannot be told: /proc/self/mountinfo cannot be read";
    Finding::note(ABOUT, text).remedy("mount /proc")
}

/// Whether files can be made there, as far as the kind tells.
pub(super) fn keeps_files(mount: &Mount) -> bool {
    reach(mount) != Some(Reach::Pseudo)
}

/// `None` for a kind that is not known.
fn reach(mount: &Mount) -> Option<Reach> {
    FileSystemKind::by_name(&mount.kind).map(|kind| kind.reach)
}

fn judge(mount: &Mount) -> Finding {
    let (kind, point) = (&mount.kind, mount.point.display());
    match reach(mount) {
        Some(Reach::Kernel) => {
            Finding::ok(ABOUT, format!("{kind} on {point}: local to this machine"))
        }
        Some(Reach::Merged) => {
            let text = format!(
                "{kind} on {point}: local to this machine; locks exclude those that use this mount, \
                 and not those that use its upper directory"
            );
            Finding::note(ABOUT, text).remedy("leave the upper directory alone while it is mounted")
        }
        Some(Reach::Stacked) => {
            let text = format!(
                "{kind} on {point}: locks exclude those that use this mount, and not those that use \
                 the directory beneath"
            );
            Finding::note(ABOUT, text).remedy("keep to this mount")
        }
        Some(Reach::ReadOnly) => {
            let text = format!("{kind} on {point}: local to this machine, and always read-only");
            Finding::note(ABOUT, text).remedy("choose a directory that can be written to, as /run")
        }
        Some(Reach::Pseudo) => {
            let text =
                format!("{kind} on {point} shows what the kernel has, and keeps no lockfiles");
            Finding::bad(ABOUT, text).remedy("choose another directory, as /run")
        }
        Some(Reach::Fuse) => fuse::judge(mount),
        Some(Reach::Shared) | None => shared::judge(mount),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::doctor::finding::Level;
    use file_system_kinds::KINDS;

    /// What is said of a mount of that kind.
    pub(super) fn said(kind: &str, source: &str, options: &[&str]) -> Finding {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let point = PathBuf::from("/here");
        judge(&Mount { point, kind: kind.to_owned(), source: source.to_owned(), options })
    }

    /// The level and the text of what is said of a mount without options.
    fn plain(kind: &str) -> (Level, String) {
        let finding = said(kind, "none", &[]);
        (finding.level(), finding.plain())
    }

    #[test]
    fn what_one_kernel_has_is_local() {
        for kind in ["ext4", "xfs", "f2fs", "tmpfs", "devtmpfs", "rootfs", "ramfs", "udf", "ntfs3"]
        {
            let (level, text) = plain(kind);
            assert_eq!(level, Level::Ok, "{text}");
            assert!(text.contains(&format!("{kind} on /here: local to this machine")), "{text}");
        }
    }

    #[test]
    fn what_lies_beneath_a_mount_is_not_excluded() {
        for (kind, beneath) in
            [("overlay", "its upper directory"), ("ecryptfs", "the directory beneath")]
        {
            let (level, text) = plain(kind);
            assert_eq!(level, Level::Note, "{text}");
            assert!(
                text.contains("exclude those that use this mount") && text.contains(beneath),
                "{text}"
            );
        }
    }

    #[test]
    fn what_never_changes_says_so() {
        for kind in ["squashfs", "erofs", "iso9660", "cramfs", "romfs"] {
            let (level, text) = plain(kind);
            assert_eq!(level, Level::Note, "{text}");
            assert!(text.contains("local to this machine, and always read-only"), "{text}");
        }
    }

    #[test]
    fn what_the_kernel_shows_keeps_no_lockfiles() {
        for kind in [
            "proc",
            "sysfs",
            "cgroup",
            "cgroup2",
            "debugfs",
            "tracefs",
            "securityfs",
            "configfs",
            "mqueue",
            "hugetlbfs",
            "devpts",
            "bpf",
            "pstore",
            "efivarfs",
            "binfmt_misc",
            "selinuxfs",
            "nsfs",
            "fusectl",
            "autofs",
        ] {
            let (level, text) = plain(kind);
            assert_eq!(level, Level::Bad, "{text}");
            assert!(text.contains("keeps no lockfiles") && text.contains("/run"), "{text}");
        }
    }

    /// So that a new kind in the table is not forgotten here.
    #[test]
    fn no_kind_that_is_known_is_said_to_be_unknown() {
        for name in KINDS.iter().flat_map(|kind| kind.names) {
            let (_, text) = plain(name);
            assert!(!text.contains(shared::UNKNOWN), "{text}");
        }
        let (level, text) = plain("whatever-comes");
        assert_eq!(level, Level::Warn);
        assert!(text.contains(shared::UNKNOWN), "{text}");
    }
}
