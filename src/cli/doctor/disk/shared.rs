//! File systems that other hosts may have as well.

use crate::doctor::finding::{Finding, Level};
use crate::doctor::mount::Mount;

const ABOUT: &str = "disk";

/// What is said of a kind that is not known.
pub(super) const UNKNOWN: &str =
    "may be shared with other hosts, and its locks may exclude on this one only";

/// How far locks go.
enum Far {
    /// To other hosts, too; and where this is written.
    Hosts(&'static str),
    /// No farther than this host, because of how it is mounted; and how it would be right.
    MountedSo(&'static str),
    /// No farther than this host, as it has to be where no other host has it mounted.
    Alone,
    /// As far as its server takes them.
    Server(&'static str),
    /// Perhaps no farther than this virtual machine.
    Guest,
}

pub(super) fn judge(mount: &Mount) -> Finding {
    let head = format!("{} on {}", mount.kind, mount.point.display());
    let (level, text, remedy) = match far(mount) {
        Some(Far::Hosts(source)) => (
            Level::Note,
            format!(
                "is shared: locks exclude those on other hosts, too ({source}), and whether a holder \
                 there is alive cannot be told from here"
            ),
            "for locks of this host alone, use /run",
        ),
        Some(Far::MountedSo(remedy)) => (
            Level::Bad,
            "is shared, and mounted so that locks exclude on this host only: another host can hold \
             at the same time"
                .to_owned(),
            remedy,
        ),
        Some(Far::Alone) => (
            Level::Warn,
            "is mounted so that locks exclude on this host only: another host that has it mounted can \
             hold at the same time"
                .to_owned(),
            "mount it without localflocks, unless no other host has it mounted",
        ),
        Some(Far::Server(what)) => {
            (Level::Warn, format!("is shared: {what}"), "use /run for locks of this host alone")
        }
        Some(Far::Guest) => (
            Level::Warn,
            "is shared with the host of this virtual machine: programs there, and in other virtual \
             machines, may not be excluded"
                .to_owned(),
            "use /run for locks of this virtual machine alone",
        ),
        None => {
            let remedy = "try it from two hosts, or use /run for locks of this one";
            (Level::Warn, UNKNOWN.to_owned(), remedy)
        }
    };
    Finding::new(level, ABOUT, format!("{head} {text}")).remedy(remedy)
}

/// `None` for a kind of which nothing is known.
fn far(mount: &Mount) -> Option<Far> {
    Some(match mount.kind.as_str() {
        "nfs" | "nfs4" => {
            let stays = matches!(mount.option("local_lock"), Some("all" | "flock"));
            if stays || mount.has("nolock") {
                Far::MountedSo("mount it without nolock and local_lock: nfs(5)")
            } else {
                Far::Hosts("nfs(5)")
            }
        }
        "cifs" | "smb3" if mount.has("nobrl") => {
            Far::MountedSo("mount it without nobrl and nolock: mount.cifs(8)")
        }
        // Before 5.5, they stay on this host.
        "cifs" | "smb3" => Far::Hosts("flock(2), since Linux 5.5"),
        "lustre" if mount.has("localflock") => {
            Far::MountedSo("mount it with flock in place of localflock: mount.lustre(8)")
        }
        "lustre" => Far::Hosts("mount.lustre(8)"),
        // gfs2 sets it by itself where it has no cluster (`lock_nolock`).
        "gfs2" | "ocfs2" if mount.has("localflocks") => Far::Alone,
        "gfs2" | "ocfs2" => Far::Hosts("its cluster keeps them"),
        // `flock=local` of the kernel's client, as its source has it.
        "afs" if mount.option("flock") == Some("local") => {
            Far::MountedSo("mount it without flock=local")
        }
        "afs" => Far::Hosts("its file server keeps those on whole files"),
        // The kernel's client asks the metadata server for each lock: fs/ceph/locks.c.
        "ceph" => Far::Hosts("its metadata server keeps them"),
        // `v9fs_lock` of QEMU says yes whatever it is asked.
        "9p" => Far::Server(
            "locks go to the server, and those of QEMU and of many others are granted always: they \
             exclude on this machine only",
        ),
        // virtiofsd leaves them to the guest unless it is told otherwise.
        "virtiofs" => Far::Server(
            "locks exclude in this virtual machine only, unless its virtiofsd was told to keep them",
        ),
        // Its default is false: a setting of the client, and no option of the mount.
        "beegfs" => Far::Server(
            "locks exclude on this host only, unless tuneUseGlobalFileLocks is true in \
             beegfs-client.conf of each host",
        ),
        // Its one option for locks is `local_lock`.
        "orangefs" => Far::Server("locks exclude on this host at most"),
        "vboxsf" | "vmhgfs" | "prl_fs" | "drvfs" => Far::Guest,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::said;
    use super::*;

    fn level(kind: &str, options: &[&str]) -> Level {
        said(kind, "server:/srv", options).level()
    }

    #[test]
    fn nfs_excludes_unless_the_mount_says_otherwise() {
        assert_eq!(level("nfs4", &["rw", "local_lock=none"]), Level::Note);
        for option in ["nolock", "local_lock=all", "local_lock=flock"] {
            assert_eq!(level("nfs", &["rw", option]), Level::Bad, "{option}");
        }
        assert_eq!(level("nfs", &["local_lock=posix"]), Level::Note);
    }

    #[test]
    fn the_kinds_of_a_network_exclude_unless_the_mount_says_otherwise() {
        for (kind, option) in
            [("cifs", "nobrl"), ("smb3", "nobrl"), ("lustre", "localflock"), ("afs", "flock=local")]
        {
            assert_eq!(level(kind, &["rw"]), Level::Note, "{kind}");
            let finding = said(kind, "server", &["rw", option]);
            assert_eq!(finding.level(), Level::Bad, "{kind}");
            assert!(finding.plain().contains("-> mount it with"), "{}", finding.plain());
        }
        assert_eq!(level("ceph", &["rw"]), Level::Note);
    }

    #[test]
    fn the_kinds_of_a_cluster_exclude_unless_one_host_has_them() {
        for kind in ["gfs2", "ocfs2"] {
            assert_eq!(level(kind, &["rw"]), Level::Note, "{kind}");
            assert_eq!(level(kind, &["rw", "localflocks"]), Level::Warn, "{kind}");
        }
    }

    #[test]
    fn what_a_server_decides_is_a_warning() {
        for kind in ["9p", "virtiofs", "beegfs", "orangefs"] {
            let finding = said(kind, "server", &[]);
            assert_eq!(finding.level(), Level::Warn, "{kind}");
            assert!(finding.plain().contains("exclude"), "{}", finding.plain());
        }
    }

    #[test]
    fn a_directory_of_the_host_of_a_virtual_machine_is_a_warning() {
        for kind in ["vboxsf", "vmhgfs", "prl_fs", "drvfs"] {
            let text = said(kind, "share", &[]).plain();
            assert!(text.starts_with("warn"), "{text}");
            assert!(text.contains("the host of this virtual machine"), "{text}");
        }
    }
}
