//! What this machine lets one know of processes: it decides how much of a verdict can be proven.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process;

use nix::errno::Errno;
use tenure::internals::{self, INITIAL_PID_NAMESPACE};

use crate::doctor::finding::Finding;
use crate::doctor::mount::Mount;
use crate::sys;

pub(super) fn examine() -> Vec<Finding> {
    let mut findings = vec![kernel(), proc()];
    findings.extend([pid_namespace(), boot_id(), machine_id()]);
    findings
}

fn kernel() -> Finding {
    const ABOUT: &str = "kernel";
    let release = line("/proc/sys/kernel/osrelease");
    let kernel = release.map_or("this kernel".to_owned(), |release| format!("Linux {release}"));
    match sys::has_pidfd_inodes() {
        Ok(true) => {
            Finding::ok(ABOUT, format!("{kernel}: pidfds, with inodes that tell reused PIDs apart"))
        }
        Ok(false) => Finding::ok(
            ABOUT,
            format!(
                "{kernel}: pidfds, without inodes of their own (those come with 6.9): \
                 processes that reuse a PID are told apart by when they started"
            ),
        ),
        Err(err) => {
            let why = if err == Errno::ENOSYS { "before 5.3, or in a sandbox" } else { err.desc() };
            let text = format!(
                "{kernel}: no pidfds ({why}): who waits for a holder to end looks again and \
                 again"
            );
            Finding::note(ABOUT, text).remedy("let the sandbox allow pidfd_open(2)")
        }
    }
}

fn proc() -> Finding {
    const ABOUT: &str = "/proc";
    let own = fs::read_link("/proc/self");
    if !own.is_ok_and(|name| name == Path::new(&process::id().to_string())) {
        let text = "it is not mounted, or not for this PID namespace: when a process started, and so \
                    whether a PID was reused, cannot be told";
        return Finding::warn(ABOUT, text).remedy("mount -t proc proc /proc");
    }
    let mount = Mount::of(Path::new("/proc"));
    match mount.as_ref().and_then(|mount| mount.option("hidepid")).filter(|value| *value != "0") {
        Some(value) => {
            let text = format!(
                "it is mounted with hidepid={value}: of holders of other users, it can be told that \
                 they live, but not since when"
            );
            Finding::note(ABOUT, text).remedy("remount it with gid= of a group that may look")
        }
        None => Finding::ok(ABOUT, "it shows all processes of this PID namespace"),
    }
}

fn pid_namespace() -> Finding {
    const ABOUT: &str = "container";
    match fs::metadata("/proc/self/ns/pid").map(|found| found.ino()) {
        Ok(INITIAL_PID_NAMESPACE) => Finding::ok(ABOUT, "none: PIDs mean the same for all processes"),
        Ok(_) => Finding::note(
            ABOUT,
            "this is a PID namespace of its own: PIDs from elsewhere mean nothing here, and holders \
             there are judged by the kernel's lock alone",
        )
        .remedy("nothing to do if all of them use the default backend"),
        Err(err) => Finding::note(ABOUT, format!("which PID namespace this is: {err}"))
            .remedy("mount /proc"),
    }
}

fn boot_id() -> Finding {
    const ABOUT: &str = "boot";
    const PATH: &str = "/proc/sys/kernel/random/boot_id";
    match (internals::boot_id(), line(PATH)) {
        (Some(id), _) => Finding::ok(ABOUT, format!("this is boot {id}")),
        (None, Some(_)) => Finding::note(
            ABOUT,
            "the boot id that this container shows is not the kernel's, and is ignored: holders \
             outside of the container are judged by the kernel's lock alone",
        )
        .remedy("nothing to do if all of them use the default backend"),
        (None, None) => Finding::warn(
            ABOUT,
            "which boot this is cannot be told: what a restart has left may stay unproven",
        )
        .remedy(format!("let {PATH} be read")),
    }
}

fn machine_id() -> Finding {
    const ABOUT: &str = "machine";
    if internals::has_machine_id() {
        return Finding::ok(ABOUT, "it has an id (machine-id(5))");
    }
    let text = "it has no id (machine-id(5)): on shared file systems, what was left by an earlier boot \
                stays unproven";
    Finding::note(ABOUT, text).remedy("systemd-machine-id-setup, or dbus-uuidgen --ensure")
}

/// The one line of a file; `None` if it has none.
pub(super) fn line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|line| !line.is_empty())
}
