//! What tells this kernel, this boot and this namespace from others.
//!
//! Each function returns `None` if the system does not have the answer or does not show it. It returns
//! an error if descriptors or memory have run out: a later call may succeed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;

use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};

use super::process::proc_is_ours;
use crate::sys::unix::resource_shortage::learned;

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// `/proc/sys/kernel/random/boot_id`: random, made at boot, the same in every container that shows
/// the kernel's.
///
/// Some containers show another one: systemd-nspawn(1) mounts a file of its own over this file. Two
/// such ids differ although the kernel is the same. So this is `None` if the file does not lie on
/// the file system of `/proc`.
pub(crate) fn boot_id() -> io::Result<Option<String>> {
    let Some(mut file) = learned(File::open(BOOT_ID))? else { return Ok(None) };
    if learned(is_the_kernels(&file))? != Some(true) {
        return Ok(None);
    }
    let mut text = String::new();
    Ok(learned(file.read_to_string(&mut text))?.and_then(|_| first_line(&text)))
}

/// Whether the file is part of `/proc`, and `/proc` is the kernel's.
fn is_the_kernels(file: &File) -> io::Result<bool> {
    if file.metadata()?.dev() != fs::metadata("/proc")?.dev() {
        return Ok(false);
    }
    Ok(match fstatfs(file) {
        Ok(found) => found.filesystem_type() == PROC_SUPER_MAGIC,
        // A sandbox may refuse the call. Only the kernel's /proc has the PID of this process.
        Err(_) => proc_is_ours(),
    })
}

/// machine-id(5): the same from boot to boot. Confidential, says its manual: not for a record.
pub(crate) fn machine_id() -> io::Result<Option<String>> {
    match line("/etc/machine-id")? {
        None => line("/var/lib/dbus/machine-id"),
        found => Ok(found),
    }
}

/// The inode of this process's PID namespace: `/proc/self/ns/pid`, `pid_namespaces(7)`.
pub(crate) fn pid_namespace() -> io::Result<Option<u64>> {
    inode("/proc/self/ns/pid")
}

/// The inode of this process's time namespace: `/proc/self/ns/time`, since Linux 5.6.
pub(crate) fn time_namespace() -> io::Result<Option<u64>> {
    inode("/proc/self/ns/time")
}

fn inode(path: &str) -> io::Result<Option<u64>> {
    Ok(learned(fs::metadata(path))?.map(|metadata| metadata.ino()))
}

fn line(path: &str) -> io::Result<Option<String>> {
    Ok(learned(fs::read_to_string(path))?.and_then(|text| first_line(&text)))
}

/// The text without what surrounds it; `None` if nothing remains.
fn first_line(text: &str) -> Option<String> {
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
