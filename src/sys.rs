//! The system: every system call, every `cfg(target_os)` and all `unsafe` of the crate.
//!
//! Knows nothing of records or verdicts, returns [`std::io::Result`], and is built of leaves that
//! export the same names for every platform.

#[cfg(unix)]
mod bell;
mod clock;
#[cfg(all(target_os = "linux", feature = "robust-mutex"))]
mod clock_lock;
#[cfg(all(unix, feature = "signals"))]
mod disposition;
#[cfg(all(unix, feature = "signals"))]
mod ending_signals;
#[cfg(all(not(unix), feature = "signals"))]
#[path = "sys/portable/ending_signals.rs"]
mod ending_signals;
#[cfg(unix)]
mod file;
mod file_system;
#[cfg(unix)]
mod flock;
#[cfg(all(unix, feature = "conformance"))]
mod fork;
#[cfg(unix)]
mod generation;
#[cfg(unix)]
mod handle;
#[cfg(any(unix, windows))]
mod host_name;
#[cfg(unix)]
mod inheritance;
#[cfg(not(unix))]
#[path = "sys/portable/inheritance.rs"]
mod inheritance;
#[cfg(all(unix, feature = "conformance"))]
mod interruption;
#[cfg(all(unix, feature = "conformance"))]
mod line;
#[cfg(unix)]
mod name_place;
#[cfg(all(not(windows), feature = "kernel-mutex"))]
#[path = "sys/portable/named_mutex.rs"]
mod named_mutex;
#[cfg(target_os = "linux")]
mod named_semaphore;
#[cfg(not(target_os = "linux"))]
#[path = "sys/portable/named_semaphore.rs"]
mod named_semaphore;
mod numbering;
#[cfg(unix)]
mod offset;
#[cfg(unix)]
mod past_cache;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "sys/linux/mod.rs"]
mod platform;
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
#[path = "sys/bsd/mod.rs"]
mod platform;
#[cfg(all(
    unix,
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd"
    ))
))]
#[path = "sys/portable/mod.rs"]
mod platform;
#[cfg(windows)]
#[path = "sys/windows/mod.rs"]
mod platform;
#[cfg(not(any(unix, windows)))]
#[path = "sys/nowhere/mod.rs"]
mod platform;
mod poll;
#[cfg(unix)]
mod quiet_thread;
#[cfg(unix)]
mod rights;
#[cfg(all(target_os = "linux", feature = "robust-mutex"))]
mod robust_mutex;
#[cfg(all(not(target_os = "linux"), feature = "robust-mutex"))]
#[path = "sys/portable/robust_mutex.rs"]
mod robust_mutex;
#[cfg(target_os = "linux")]
mod semaphore_set;
#[cfg(not(target_os = "linux"))]
#[path = "sys/portable/semaphore_set.rs"]
mod semaphore_set;
#[cfg(all(unix, feature = "systemd"))]
mod service_manager;
#[cfg(all(not(unix), feature = "systemd"))]
#[path = "sys/portable/service_manager.rs"]
mod service_manager;
#[cfg(unix)]
mod shared_words;
#[cfg(not(unix))]
#[path = "sys/portable/shared_words.rs"]
mod shared_words;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
mod shortage;
#[cfg(unix)]
mod signal;
mod stat;
#[cfg(unix)]
mod user;
#[cfg(not(windows))]
mod waited_for;
#[cfg(windows)]
#[path = "sys/windows/waited_for.rs"]
mod waited_for;
#[cfg(all(unix, feature = "conformance"))]
mod watchdog;
mod whole;

// What is in no file beside this one, the platform has among its own.
#[cfg(not(any(unix, windows)))]
use platform::host_name;
#[cfg(all(windows, feature = "kernel-mutex"))]
use platform::named_mutex;
#[cfg(not(unix))]
use platform::{
    bell, file, flock, generation, handle, name_place, offset, poll, quiet_thread, rights, signal,
    user,
};
#[cfg(all(not(unix), feature = "conformance"))]
use platform::{fork, interruption, line, watchdog};

/// Whether files have permission bits.
pub(crate) const HAS_MODES: bool = cfg!(unix);

/// Whether this system has PID namespaces, in each of which a PID means another process.
pub(crate) const HAS_PID_NAMESPACES: bool = cfg!(any(target_os = "linux", target_os = "android"));

pub(crate) use bell::Bell;
pub(crate) use clock::wall_clock;
#[cfg(feature = "signals")]
pub(crate) use ending_signals::before_ending_signals;
pub(crate) use file::{
    FileId, create_new, directory, execute, is_closed, is_gone, is_leased, is_linkless,
    is_symlink_refusal, lease_break_time, link, link_target, names_in, open_to_read, open_to_write,
    path_stat, rename, stat, unlink,
};
pub(crate) use file_system::FileSystem;
pub(crate) use flock::{CAN_PASS, LOCK_NAME, Mode, block, is_shortage, release, try_lock};
#[cfg(feature = "conformance")]
pub(crate) use fork::{CAN_FORK, Side, end_child, fork};
pub(crate) use generation::Generation;
pub(crate) use handle::ProcessHandle;
pub(crate) use host_name::host_name;
pub(crate) use inheritance::{inheritable, inherited, pass_on};
#[cfg(feature = "conformance")]
pub(crate) use interruption::{
    CAN_INTERRUPT, admit_interruption, interrupt, interruptions, refuse_interruption,
};
#[cfg(feature = "conformance")]
pub(crate) use line::{Line, line, own_line, spawn_with_line};
pub(crate) use name_place::{UNFIT_FOR_NAMES, name_place};
#[cfg(feature = "kernel-mutex")]
pub(crate) use named_mutex::{MutexState, NamedMutex, Possession};
pub(crate) use named_semaphore::{NamedSemaphore, Stamp, place as semaphore_place};
pub(crate) use numbering::{pid_max, shares_time_namespace};
pub(crate) use offset::{read_at, write_at};
pub(crate) use past_cache::read_past_cache;
#[cfg(feature = "tokio")]
pub(crate) use platform::Alarm;
pub(crate) use platform::{
    Advance, FileEvents, Interest, Mark, NameEvents, TELLS_OPENS, TELLS_READERS, Turnstile,
    boot_id, conflicting_bytes, exit_event, file_system, has_exited, has_posix_lock, is_ending,
    is_marked, lock_bytes, lock_holder, lock_holders, machine_id, mark, may_be_unmapped,
    opened_elsewhere, own_process, pid_namespace, time_namespace, unlock_bytes, unmark,
    wait_for_bytes, wait_to_mark,
};
#[cfg(windows)]
pub(crate) use platform::{AsFd, BorrowedFd, OwnedFd};
#[cfg(unix)]
pub(crate) use platform::{receive_rights, send_rights};
pub(crate) use poll::poll;
pub(crate) use quiet_thread::spawn_quietly;
pub(crate) use rights::{create_private_directory, rights};
#[cfg(feature = "robust-mutex")]
pub(crate) use robust_mutex::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
pub(crate) use semaphore_set::{Keyed, Outcome, SemaphoreSet, Step};
#[cfg(feature = "systemd")]
pub(crate) use service_manager::{News, tell_service_manager};
pub(crate) use shared_words::shared_words;
pub(crate) use signal::Signal;
pub(crate) use stat::{Kind, Stat};
#[cfg(not(windows))]
pub(crate) use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
pub(crate) use user::{effective_uid, exists, may_be_hidden, user_name};
pub(crate) use waited_for::waited_for_by;
#[cfg(feature = "conformance")]
pub(crate) use watchdog::{end_in, is_late};
pub(crate) use whole::{read_from_start, write_over_start};

/// Whether only this kernel reaches the file system of `file`; `None` where the platform does not say.
pub(crate) fn is_local(file: &std::fs::File) -> std::io::Result<Option<bool>> {
    Ok(file_system(file)?.local)
}

/// Whether the file system of `file` is known to be local.
pub(crate) fn is_surely_local(file: &std::fs::File) -> bool {
    file_system(file).is_ok_and(FileSystem::is_local)
}

/// Sets `mark` on `file` if it lies where marks are good. Without it, nothing breaks.
pub(crate) fn say(file: &std::fs::File, mark: Mark) {
    // "I have it open" is no lock, and good everywhere.
    if platform::has_mark(mark) && (mark == Mark::Opens || is_surely_local(file)) {
        let _ = platform::mark(file, mark);
    }
}

/// Takes `marks` off `file`, as far as they were set there.
pub(crate) fn take_back(file: &std::fs::File, marks: &[Mark]) {
    let marks = marks.iter().filter(|mark| platform::has_mark(**mark));
    if is_surely_local(file) {
        for mark in marks {
            let _ = platform::unmark(file, *mark);
        }
    }
}

/// A lock on bytes of a file, by fcntl(2) or lockf(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteLock {
    /// The process that took it; `None` for an open-file-description lock, and for a process of
    /// another PID namespace.
    pub(crate) pid: Option<u32>,
    /// Whether it covers just what a holder of this crate locks.
    pub(crate) is_own_kind: bool,
    /// Whether it lets nobody else lock those bytes.
    pub(crate) exclusive: bool,
}

/// Whether somebody else has a file open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    expect(dead_code, reason = "no other platform says more")
)]
pub(crate) enum Opened {
    /// Nobody, but for users of this crate.
    Nowhere,
    Elsewhere,
    /// The system could tell, but not this process.
    Unknown,
    /// The system does not tell anybody.
    Untold,
}

/// A process that has a lock on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockHolder {
    pub(crate) pid: u32,
    /// The process that took the lock. This one may have inherited it.
    pub(crate) taken_by: Option<u32>,
    /// Its PID in its own PID namespace, and that namespace, where it is another than ours.
    pub(crate) inside: Option<(u32, u64)>,
}

/// What a process has that a later process of the same PID has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// When it started; see `Record::start_ticks` for the unit.
    pub(crate) start_ticks: Option<u64>,
    /// The inode of its pidfd.
    pub(crate) pidfd_inode: Option<u64>,
}
