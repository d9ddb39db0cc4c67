//! What tells this kernel, this boot and this namespace from others.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// `/proc/sys/kernel/random/boot_id`: random, made at boot, the same in every container.
pub(crate) fn boot_id() -> Option<String> {
    line("/proc/sys/kernel/random/boot_id")
}

/// machine-id(5): the same from boot to boot. Confidential, says its manual: not for a record.
pub(crate) fn machine_id() -> Option<String> {
    line("/etc/machine-id").or_else(|| line("/var/lib/dbus/machine-id"))
}

/// The inode of this process's PID namespace: `/proc/self/ns/pid`, `pid_namespaces(7)`.
pub(crate) fn pid_namespace() -> Option<u64> {
    inode("/proc/self/ns/pid")
}

/// The inode of this process's time namespace: `/proc/self/ns/time`, since Linux 5.6.
pub(crate) fn time_namespace() -> Option<u64> {
    inode("/proc/self/ns/time")
}

fn inode(path: &str) -> Option<u64> {
    fs::metadata(path).ok().map(|metadata| metadata.ino())
}

fn line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
