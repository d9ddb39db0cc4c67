//! FUSE: the kernel keeps the locks of each mount by itself, unless the server asks for them.

use crate::doctor::finding::Finding;
use crate::doctor::mount::Mount;

const ABOUT: &str = "disk";

/// Those whose documents say that they have no links, or that nothing coordinates two mounts: the
/// server, and what it lacks.
///
/// Some name themselves by the source of the mount, and not by its kind. goofys does neither, unless
/// whoever mounts it says so.
const NO_LOCKS: [(&str, &str); 7] = [
    // Its Link returns ENOSYS. https://rclone.org/commands/rclone_mount/, VFS Directory Cache and VFS
    // File Caching: a directory is remembered, and a file goes to the store some time after its close.
    (
        "rclone",
        "it has no links, and with a write cache (--vfs-cache-mode writes or full) two mounts can both \
         create the same file",
    ),
    // https://github.com/s3fs-fuse/s3fs-fuse, README.md, Limitations.
    ("s3fs", "it has no links, and nothing coordinates clients of one bucket"),
    // https://cloud.google.com/storage/docs/gcs-fuse, limitations; docs/semantics.md of the source,
    // Concurrency.
    (
        "gcsfuse",
        "it has no links and no locks of its own, and nothing coordinates mounts of one bucket",
    ),
    // https://github.com/kahing/goofys, README.md, Current Status.
    ("goofys", "it has no links, and it writes a file from its beginning only"),
    // https://github.com/Azure/azure-storage-fuse/wiki, Blobfuse2 Limitations.
    ("blobfuse2", "it has no links and no locks of its own"),
    // The same, Blobfuse Limitations.
    ("blobfuse", "two mounts overwrite each other's files"),
    // https://github.com/awslabs/mountpoint-s3, doc/SEMANTICS.md.
    ("mountpoint-s3", "it has no links, and nothing coordinates mounts of one bucket"),
];

/// Those that docs/filesystems.md has tried: `Hardlink` excludes other mounts, and the store beneath.
const HARDLINK: [&str; 2] = ["mergerfs", "sshfs"];

pub(super) fn judge(mount: &Mount) -> Finding {
    let (kind, point) = (&mount.kind, mount.point.display());
    let this = format!("{kind} on {point}: locks exclude those that use this mount");
    let server = server(mount);
    if kind.starts_with("fuseblk") {
        // The kernel mounts a device once.
        return Finding::ok(ABOUT, format!("{this}, and nobody else has its disk"));
    }
    if server == Some("glusterfs") {
        let text = format!(
            "{kind} on {point} is shared: locks exclude all clients of the volume, and whether a holder \
             on another host is alive cannot be told from here"
        );
        return Finding::note(ABOUT, text)
            .remedy("leave the bricks alone: use a client everywhere");
    }
    let not_excluded = format!(
        "{this}; another mount of the same store, or a program that reaches the store beneath, is not \
         excluded"
    );
    let lacks = NO_LOCKS.iter().find(|(name, _)| server == Some(name));
    if let Some((_, lacks)) = lacks {
        let text =
            format!("{not_excluded}, neither by the default backend nor by Hardlink: {lacks}");
        return Finding::warn(ABOUT, text)
            .remedy("keep to this mount, or use /run for locks of this host alone");
    }
    let remedy = match server {
        Some(name) if HARDLINK.contains(&name) => {
            "keep to this mount, or use the backend Hardlink everywhere"
        }
        Some("gocryptfs") => {
            "keep to this mount, or mount each with -sharedstorage and use the backend Hardlink \
             everywhere"
        }
        // bindfs names its store, and not itself.
        None => {
            "keep to this mount; with bindfs, the backend Hardlink excludes all sides, and so does \
             --enable-lock-forwarding --multithreaded on each mount"
        }
        Some(_) => "keep to this mount, or try from both sides what excludes",
    };
    let text = format!("{not_excluded}, unless its server forwards locks");
    Finding::warn(ABOUT, text).remedy(remedy)
}

/// The name of the program that serves it; `None` if that cannot be told.
fn server(mount: &Mount) -> Option<&str> {
    let named = mount.kind.strip_prefix("fuse.");
    named.or_else(|| NO_LOCKS.into_iter().map(|(name, _)| name).find(|name| mount.source == *name))
}

#[cfg(test)]
mod tests {
    use super::super::tests::said;
    use super::*;

    fn text(kind: &str) -> String {
        said(kind, "source", &[]).plain()
    }

    #[test]
    fn a_mount_excludes_those_that_use_it_and_nobody_else() {
        for kind in ["fuse", "fuse.sshfs", "fuse.mergerfs", "fuse.gocryptfs", "fuse.whatever-comes"]
        {
            let text = text(kind);
            assert!(text.starts_with("warn"), "{text}");
            assert!(text.contains("locks exclude those that use this mount"), "{text}");
            assert!(text.contains("is not excluded, unless its server forwards locks"), "{text}");
            assert!(text.contains("-> keep to this mount"), "{text}");
        }
    }

    #[test]
    fn hardlink_is_advised_where_it_was_tried() {
        for kind in ["fuse", "fuse.sshfs", "fuse.mergerfs", "fuse.gocryptfs"] {
            assert!(text(kind).contains("the backend Hardlink"), "{kind}");
        }
        assert!(text("fuse.gocryptfs").contains("-sharedstorage"));
        assert!(text("fuse").contains("--enable-lock-forwarding"));
        assert!(!text("fuse.whatever-comes").contains("Hardlink"));
    }

    #[test]
    fn stores_where_nothing_excludes_are_named() {
        for (server, lacks) in NO_LOCKS {
            let text = text(&format!("fuse.{server}"));
            assert!(text.starts_with("warn") && text.contains(lacks), "{text}");
            assert!(text.contains("neither by the default backend nor by Hardlink"), "{text}");
            assert!(text.contains("-> keep to this mount"), "{text}");
        }
        assert!(text("fuse.rclone").contains("--vfs-cache-mode writes or full"));
    }

    #[test]
    fn a_server_that_names_its_source_only_is_known_by_it() {
        for (server, lacks) in NO_LOCKS {
            let text = said("fuse", server, &[]).plain();
            assert!(text.contains(lacks), "{text}");
        }
    }

    #[test]
    fn all_clients_of_glusterfs_are_excluded() {
        let text = text("fuse.glusterfs");
        assert!(text.starts_with("note") && text.contains("all clients of the volume"), "{text}");
    }

    #[test]
    fn a_disk_that_fuse_has_is_nobody_elses() {
        for kind in ["fuseblk", "fuseblk.ntfs-3g"] {
            let text = said(kind, "/dev/sda1", &[]).plain();
            assert!(text.starts_with("ok") && text.contains("nobody else has its disk"), "{text}");
        }
    }
}
