//! fcntl(2), `F_SETLEASE` - whether anybody else has a file open.
//!
//! A write lease is granted only while nobody else has the file open, in whatever PID namespace and of
//! whatever user. It is asked for and given back at once. While it lasts, another open(2) waits, or
//! fails with EAGAIN where it may not wait; and this process is sent the signal that is set here,
//! which nobody notices unless they ask for it (`SIGIO`, the default, would end the process).

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::libc;

use super::mark::{FIRST, OPENS};
use crate::sys::file_id::FileId;
use crate::sys::opened::Opened;

/// `F_SETSIG` of linux/fcntl.h, which libc does not have for every target.
const F_SETSIG: i32 = 10;

/// How often a file that somebody has open is asked about again.
const INSTANTS: u32 = 8;

/// How often is asked who has it open, where nobody is found.
const ROUNDS: u32 = 8;

/// Whether the system tells who has a file open.
pub(crate) const TELLS_OPENS: bool = true;

/// Whether anybody else has `file`, of the number `id`, open.
///
/// Users of this crate do not count if they have set a [mark](super::mark) or hold the lock: they
/// say themselves what they do with the file.
pub(crate) fn opened_elsewhere(file: &File, id: FileId) -> Opened {
    let mut seen = None;
    for _ in 0..ROUNDS {
        seen = ask(file, id);
        if seen.is_some() {
            break;
        }
        // A look into `/proc` keeps the file of a process that has ended for an instant.
        std::thread::yield_now();
    }
    seen.unwrap_or(Opened::Elsewhere)
}

/// The answer; `None` if somebody has it open who cannot be found.
fn ask(file: &File, id: FileId) -> Option<Opened> {
    let mut leased = control(file, F_SETSIG, libc::SIGURG).and_then(|()| lease(file));
    for _ in 0..INSTANTS {
        if leased != Err(Errno::EAGAIN) {
            break;
        }
        // A reader may have opened it for an instant, and not have said so yet.
        std::thread::yield_now();
        leased = lease(file);
    }
    match leased {
        Ok(()) => Some(Opened::Nowhere),
        // Somebody has it open. Only `/proc` says who.
        Err(Errno::EAGAIN) => opened_by_strangers(file, id),
        // This process is neither the owner of the file nor has CAP_LEASE.
        Err(Errno::EACCES | Errno::EPERM) => {
            // It sees the processes of its own user at least.
            let seen = opened_by_strangers(file, id);
            Some(seen.filter(|seen| *seen == Opened::Elsewhere).unwrap_or(Opened::Unknown))
        }
        Err(_) => Some(Opened::Untold),
    }
}

fn lease(file: &File) -> Result<(), Errno> {
    control(file, libc::F_SETLEASE, libc::F_WRLCK)?;
    control(file, libc::F_SETLEASE, libc::F_UNLCK)
}

#[expect(unsafe_code, reason = "nix has no leases")]
fn control(file: &File, command: i32, argument: i32) -> Result<(), Errno> {
    // SAFETY: these commands take an integer and touch no memory of ours; the descriptor is open.
    Errno::result(unsafe { libc::fcntl(file.as_raw_fd(), command, argument) }).map(drop)
}

/// What the descriptors of all processes say that this one may look at; `None` where none of them
/// leads to the file.
fn opened_by_strangers(file: &File, id: FileId) -> Option<Opened> {
    let own = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    // Not `self` and `thread-self`, which are this process again.
    let is_process = |name: &OsStr| name.to_str().is_some_and(|name| name.parse::<u32>().is_ok());
    let processes = processes.filter(|entry| is_process(&entry.file_name()));
    let tables = processes.filter_map(|process| fs::read_dir(process.path().join("fd")).ok());
    let descriptors = tables.flatten().flatten().map(|descriptor| descriptor.path());
    let mut found = None;
    for path in descriptors.filter(|path| path != Path::new(&own)) {
        let leads_there =
            || fs::metadata(&path).is_ok_and(|file| FileId::of(file.dev(), file.ino()) == id);
        if !leads_there() {
            continue;
        }
        if is_of_this_crate(&path) {
            found = Some(Opened::Nowhere);
        } else if leads_there() {
            return Some(Opened::Elsewhere);
        }
        // Otherwise it was closed between the two looks.
    }
    found
}

/// Whether the descriptor at `/proc/PID/fd/NUMBER` has a mark, or the holder's lock on all bytes.
fn is_of_this_crate(descriptor: &Path) -> bool {
    let info = descriptor.to_string_lossy().replace("/fd/", "/fdinfo/");
    let info = fs::read_to_string(info).unwrap_or_default();
    let is_at_own_offset =
        |offset: &str| offset.trim().parse().is_ok_and(|offset: u64| offset == OPENS);
    info.lines().any(|line| {
        line.strip_prefix("pos:").is_some_and(is_at_own_offset)
            || line.strip_prefix("lock:").is_some_and(is_own_range)
    })
}

/// `1: OFDLCK ADVISORY  READ -1 fe:01:1234 9223372036854775805 9223372036854775805`.
fn is_own_range(lock: &str) -> bool {
    let fields: Vec<_> = lock.split_whitespace().collect();
    let [_, "OFDLCK", _, _, _, _, start, end] = fields[..] else { return false };
    let is_mark = start.parse().is_ok_and(|start: libc::off_t| start >= FIRST);
    is_mark || end.parse().is_ok_and(|end: libc::off_t| end == FIRST - 1)
}

// With offsets of 32 bits there are no marks, and an emulator knows no leases.
#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::super::mark::mark;
    use super::*;
    use crate::sys::mark::Mark;

    #[test]
    fn marks_and_the_holders_lock_are_told_from_the_locks_of_others() {
        let lock = |range: &str| format!("\t1: OFDLCK ADVISORY  READ -1 fe:01:1234 {range}");
        assert!(is_own_range(&lock("9223372036854775805 9223372036854775805")), "a mark");
        assert!(is_own_range(&lock("0 9223372036854775790")), "the holder's");
        assert!(!is_own_range(&lock("0 EOF")));
        assert!(!is_own_range(&lock("0 99")));
        assert!(!is_own_range("\t1: FLOCK  ADVISORY  WRITE 7 fe:01:1234 0 EOF"));
    }

    #[test]
    fn a_file_that_another_descriptor_has_open_is_open_elsewhere() {
        let path = std::env::temp_dir().join(format!("tenure-opens-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        let id = crate::sys::unix::file_stat::stat(&file).unwrap().id;
        assert_eq!(opened_elsewhere(&file, id), Opened::Nowhere);
        let other = File::open(&path).unwrap();
        assert_eq!(opened_elsewhere(&file, id), Opened::Elsewhere);
        assert!(mark(&other, Mark::Opens).unwrap());
        assert_eq!(opened_elsewhere(&file, id), Opened::Nowhere, "it says that it only looks");
        drop(other);
        assert_eq!(opened_elsewhere(&file, id), Opened::Nowhere);
        fs::remove_dir_all(&path).or_else(|_| crate::sys::unix::names::unlink(&path)).unwrap();
    }
}
