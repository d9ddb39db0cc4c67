//! proc(5), `/proc/PID/fdinfo` - which processes have a descriptor with a lock on a file.
//!
//! `/proc/locks` names the process that took a lock, which may have ended since. `fdinfo` shows a lock
//! with every descriptor that it belongs to, in whatever process (Linux 3.8). An open-file-description
//! lock has the PID -1 there and here, and is shown with its descriptors.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::libc;

use super::mark::FIRST;
use super::process::{inside, proc_is_ours};
use crate::sys::file_id::FileId;
use crate::sys::lock_holder::LockHolder;

/// The other processes that have a lock on the file `id`, of whatever kind, as far as this one may look
/// (ptrace(2), `PTRACE_MODE_READ_FSCREDS`): at its own user's, or with `CAP_SYS_PTRACE` at all of its
/// PID namespace.
pub(crate) fn lock_holders(id: FileId) -> Vec<LockHolder> {
    if !proc_is_ours() {
        return Vec::new();
    }
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid| *pid != std::process::id());
    others.filter_map(|pid| lock_holder(pid, id).ok().flatten()).collect()
}

/// The process `pid`, if it has a lock on the file `id`.
///
/// # Errors
///
/// This process may not look at that one, or `/proc` does not show it.
pub(crate) fn lock_holder(pid: u32, id: FileId) -> io::Result<Option<LockHolder>> {
    if !proc_is_ours() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let locks = locks_of(&pid.to_string(), id)?;
    if locks.is_empty() {
        return Ok(None);
    }
    // Of a lock by open file description nobody tells who took it.
    let mut takers = locks.iter().filter_map(|lock| u32::try_from(lock.taken_by?).ok());
    let taken_by = takers.find(|pid| *pid > 0);
    Ok(Some(LockHolder { pid, taken_by, inside: inside(pid) }))
}

/// Whether the process has a lock for writing on the file `id`, of whatever kind.
pub(crate) fn has_locked(pid: u32, id: FileId) -> bool {
    let locks = || locks_of(&pid.to_string(), id).unwrap_or_default();
    proc_is_ours() && locks().iter().any(|lock| lock.is_for_writing)
}

/// Whether this process has a POSIX record lock on the file `id`. The kernel's answer to the question who
/// locks the file names one process of several.
pub(crate) fn has_posix_lock(id: FileId) -> bool {
    locks_of("self", id).unwrap_or_default().iter().any(|lock| lock.is_posix)
}

/// A line of `fdinfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lock {
    is_posix: bool,
    is_for_writing: bool,
    taken_by: Option<i64>,
}

impl Lock {
    /// `1: FLOCK  ADVISORY  WRITE 4242 fe:00:1234 0 EOF`; `None` for a mark and for a lease.
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, kind @ ("FLOCK" | "POSIX" | "OFDLCK"), _, mode, pid, _, start, _end] = fields[..]
        else {
            return None;
        };
        if start.parse().is_ok_and(|start: libc::off_t| start >= FIRST) {
            return None;
        }
        let (is_posix, is_for_writing) = (kind == "POSIX", mode == "WRITE");
        Some(Self { is_posix, is_for_writing, taken_by: pid.parse().ok() })
    }
}

fn locks(info: &str) -> impl Iterator<Item = Lock> {
    info.lines().filter_map(|line| Lock::parse(line.strip_prefix("lock:")?))
}

/// The locks on the file `id` that the descriptors of `/proc/PROCESS` show.
fn locks_of(process: &str, id: FileId) -> io::Result<Vec<Lock>> {
    // The file itself is asked, because fdinfo shows another device for it on btrfs and overlay.
    let leads_there = |descriptor: &PathBuf| {
        fs::metadata(descriptor).is_ok_and(|file| id == FileId::of(file.dev(), file.ino()))
    };
    let descriptors =
        descriptors(&Path::new("/proc").join(process))?.into_iter().filter(leads_there);
    let infos = descriptors.filter_map(|it| fs::read_to_string(info_of(&it)).ok());
    Ok(infos.flat_map(|info| locks(&info).collect::<Vec<_>>()).collect())
}

/// The descriptors of a process, by one of its threads: of a main thread that has ended, none are
/// shown, while others go on.
fn descriptors(process: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = |directory: PathBuf| -> io::Result<Vec<PathBuf>> {
        Ok(fs::read_dir(directory)?.flatten().map(|entry| entry.path()).collect())
    };
    let of_main = paths(process.join("fd"));
    if of_main.as_ref().is_ok_and(|fds| !fds.is_empty()) {
        return of_main;
    }
    let threads = paths(process.join("task"))?.into_iter();
    let mut of_threads = threads.map(|thread| paths(thread.join("fd")).unwrap_or_default());
    of_threads.find(|fds| !fds.is_empty()).map_or(of_main, Ok)
}

fn info_of(descriptor: &Path) -> PathBuf {
    let number = descriptor.file_name().unwrap_or_default();
    let process = descriptor.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    process.join("fdinfo").join(number)
}

// With offsets of 32 bits there are no marks, and an emulator knows no leases.
#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::sys::{Mode, release, stat, try_lock};

    #[test]
    fn locks_are_told_from_marks_and_leases() {
        for line in [
            "1: FLOCK  ADVISORY  WRITE 4242 fe:00:12 0 EOF",
            "1: FLOCK  ADVISORY  READ 4242 fe:00:12 0 EOF",
            "1: POSIX  ADVISORY  WRITE 4242 fe:00:12 0 EOF",
            "1: POSIX  ADVISORY  READ 4242 fe:00:12 1073741826 1073742335",
            "1: OFDLCK ADVISORY  WRITE -1 fe:00:12 0 9223372036854775790",
        ] {
            let info = format!("pos:\t0\nflags:\t02100002\nmnt_id:\t27\nino:\t12\nlock:\t{line}\n");
            let lock = locks(&info).next().unwrap();
            assert_eq!(lock.is_posix, line.contains("POSIX"), "{line}");
            assert_eq!(lock.is_for_writing, line.contains("WRITE"), "{line}");
            assert_eq!(lock.taken_by, Some(if line.contains("-1") { -1 } else { 4242 }), "{line}");
        }
        for line in [
            "1: OFDLCK ADVISORY  READ -1 fe:00:12 9223372036854775805 9223372036854775805",
            "1: LEASE  ACTIVE    READ 4242 fe:00:12 0 EOF",
        ] {
            assert_eq!(locks(&format!("pos:\t0\nlock:\t{line}\n")).next(), None, "{line}");
        }
    }

    #[test]
    fn a_lock_for_writing_is_seen_and_another_is_not() {
        let file = tempfile::tempfile().unwrap();
        let (id, own) = (stat(&file).unwrap().id, std::process::id());
        assert!(!has_locked(own, id));
        for (mode, seen) in [(Mode::Exclusive, true), (Mode::Shared, false)] {
            assert!(try_lock(&file, mode).unwrap());
            assert_eq!(has_locked(own, id), seen, "{mode:?}");
            release(&file).unwrap();
        }
        assert!(!has_locked(1, id));
    }

    #[test]
    fn the_process_that_took_a_lock_is_told() {
        let file = tempfile::tempfile().unwrap();
        let (id, pid) = (stat(&file).unwrap().id, std::process::id());
        assert_eq!(lock_holder(pid, id).unwrap(), None);
        assert!(try_lock(&file, Mode::Exclusive).unwrap());
        let expected = LockHolder { pid, taken_by: Some(pid), inside: None };
        assert_eq!(lock_holder(pid, id).unwrap(), Some(expected));
        assert!(lock_holders(id).is_empty(), "this process knows what it has");
    }
}
