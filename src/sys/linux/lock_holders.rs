//! proc(5), `/proc/PID/fdinfo` - which processes have a descriptor with a lock on a file.
//!
//! `/proc/locks` names the process that took a lock, which may have ended since; `fdinfo` shows a
//! lock with every descriptor that it belongs to, in whatever process (Linux 3.8). An
//! open-file-description lock has the PID -1 there and here, and is shown with its descriptors.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::libc;

use super::mark::FIRST;
use crate::sys::FileId;

/// The processes that have a lock on the file `id`, of whatever kind, as far as this one may look
/// (ptrace(2), `PTRACE_MODE_READ_FSCREDS`): at its own user's, or with `CAP_SYS_PTRACE` at all of its
/// PID namespace.
pub(crate) fn lock_holders(id: FileId) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| holds(*pid, id)).collect()
}

fn holds(pid: u32, id: FileId) -> bool {
    shows(&PathBuf::from(format!("/proc/{pid}")), id, has_lock)
}

/// Whether this process has a POSIX record lock on the file `id`. The kernel's answer to the question who
/// locks the file names one process of several.
pub(crate) fn has_posix_lock(id: FileId) -> bool {
    shows(Path::new("/proc/self"), id, |info| {
        let mut locks = info.lines().filter_map(|line| line.strip_prefix("lock:"));
        locks.any(|lock| lock.split_whitespace().nth(1) == Some("POSIX"))
    })
}

/// Whether the process has a descriptor of the file `id` whose `fdinfo` shows what is looked for.
fn shows(process: &Path, id: FileId, looked_for: impl Fn(&str) -> bool) -> bool {
    descriptors(process).into_iter().any(|descriptor| {
        // The file itself is asked, because fdinfo shows another device for it on btrfs and overlay.
        let file = fs::metadata(&descriptor);
        file.is_ok_and(|file| id == FileId::of(file.dev(), file.ino()))
            && fs::read_to_string(info_of(&descriptor)).is_ok_and(|info| looked_for(&info))
    })
}

/// The descriptors of a process, by one of its threads: of a main thread that has ended, none are
/// shown, while others go on.
fn descriptors(process: &Path) -> Vec<PathBuf> {
    let paths = |directory: PathBuf| -> Vec<PathBuf> {
        fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let of_main = paths(process.join("fd"));
    if !of_main.is_empty() {
        return of_main;
    }
    let threads = paths(process.join("task")).into_iter();
    threads.map(|thread| paths(thread.join("fd"))).find(|fds| !fds.is_empty()).unwrap_or_default()
}

fn info_of(descriptor: &Path) -> PathBuf {
    let number = descriptor.file_name().unwrap_or_default();
    let process = descriptor.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    process.join("fdinfo").join(number)
}

/// Whether `fdinfo` shows a lock: `lock: 1: FLOCK  ADVISORY  WRITE 4242 fe:00:1234 0 EOF`. A mark is
/// none, nor is a lease.
fn has_lock(fdinfo: &str) -> bool {
    fdinfo.lines().filter_map(|line| line.strip_prefix("lock:")).any(|lock| {
        let fields: Vec<_> = lock.split_whitespace().collect();
        let [_, kind, .., start, _end] = fields[..] else { return false };
        let is_mark = start.parse().is_ok_and(|start: libc::off_t| start >= FIRST);
        matches!(kind, "FLOCK" | "POSIX" | "OFDLCK") && !is_mark
    })
}

// With offsets of 32 bits there are no marks, and an emulator knows no leases.
#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn locks_are_told_from_marks_and_leases() {
        let with = |lock: &str| format!("pos:\t0\nflags:\t02100002\nmnt_id:\t27\nino:\t12\n{lock}");
        for lock in [
            "1: FLOCK  ADVISORY  WRITE 4242 fe:00:12 0 EOF",
            "1: FLOCK  ADVISORY  READ 4242 fe:00:12 0 EOF",
            "1: POSIX  ADVISORY  WRITE 4242 fe:00:12 0 EOF",
            "1: POSIX  ADVISORY  READ 4242 fe:00:12 1073741826 1073742335",
            "1: OFDLCK ADVISORY  WRITE -1 fe:00:12 0 9223372036854775790",
        ] {
            assert!(has_lock(&with(&format!("lock:\t{lock}\n"))), "{lock}");
        }
        for lock in [
            "1: OFDLCK ADVISORY  READ -1 fe:00:12 9223372036854775805 9223372036854775805",
            "1: LEASE  ACTIVE    READ 4242 fe:00:12 0 EOF",
        ] {
            assert!(!has_lock(&with(&format!("lock:\t{lock}\n"))), "{lock}");
        }
        assert!(!has_lock(&with("")));
    }
}
