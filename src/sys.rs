//! The system: every system call, every `cfg(target_os)` and all `unsafe` of the crate.
//!
//! Knows nothing of records or verdicts, and returns [`std::io::Result`]. Every platform exports the
//! same names:
//!
//! | platform | its files |
//! | --- | --- |
//! | Linux, Android | `linux`, and `unix` |
//! | macOS, FreeBSD | `bsd`, and `unix` |
//! | other Unixes | `unix/other`, and `unix` |
//! | Windows | `windows` |
//! | anything else | `unsupported.rs` |
//!
//! What a platform lacks, it re-exports from `unsupported.rs`. The other files here are for all.

mod byte_lock;
mod clock;
mod descriptor;
mod file_id;
mod file_start;
mod file_system;
#[cfg(any(unix, windows))]
mod host_name;
mod interest;
mod local_mark;
mod locality;
mod lock_holder;
mod lock_mode;
mod mark;
mod opened;
mod past_cache;
mod process_marks;
mod process_numbering;
mod rights;
mod stat;
mod waitable;

#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
mod bsd;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(unix)]
mod unix;
mod unsupported;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as platform;
#[cfg(not(any(unix, windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;

/// Whether files have permission bits.
pub(crate) const HAS_MODES: bool = cfg!(unix);

/// Whether this system has PID namespaces, in each of which a PID means another process.
pub(crate) const HAS_PID_NAMESPACES: bool = cfg!(any(target_os = "linux", target_os = "android"));

pub(crate) use clock::wall_clock;
pub(crate) use descriptor::{AsFd, BorrowedFd, OwnedFd};
pub(crate) use file_id::FileId;
pub(crate) use file_start::{read_from_start, write_over_start};
pub(crate) use file_system::FileSystem;
pub(crate) use interest::Interest;
pub(crate) use local_mark::{say, take_back};
pub(crate) use locality::{is_local, is_surely_local};
pub(crate) use lock_holder::LockHolder;
pub(crate) use lock_mode::Mode;
pub(crate) use mark::Mark;
pub(crate) use opened::Opened;
pub(crate) use past_cache::read_past_cache;
pub(crate) use process_marks::Marks;
pub(crate) use process_numbering::{pid_max, shares_time_namespace};
pub(crate) use stat::{Kind, Stat};
pub(crate) use waitable::waited_for_by;

// Files.
pub(crate) use platform::{
    UNFIT_FOR_NAMES, create_new, directory, file_system, is_closed, is_gone, is_leased,
    is_linkless, is_symlink_refusal, lease_break_time, link, link_target, name_place, names_in,
    open_to_read, open_to_write, opened_elsewhere, path_stat, read_at, rename, rights, stat,
    unlink, write_at,
};
// Locks and marks.
pub(crate) use platform::{
    CAN_PASS, LOCK_NAME, TELLS_OPENS, TELLS_READERS, block, conflicting_bytes, has_posix_lock,
    is_marked, is_shortage, lock_bytes, lock_holder, lock_holders, mark, release, try_lock,
    unlock_bytes, unmark, wait_for_bytes, wait_to_mark,
};
// Waiting.
pub(crate) use platform::{Advance, Bell, FileEvents, NameEvents, Signal, Turnstile, poll};
// Processes, users and hosts.
pub(crate) use platform::{
    Generation, ProcessHandle, boot_id, effective_uid, execute, exists, exit_event, has_exited,
    host_name, inheritable, inherited, is_ending, machine_id, may_be_hidden, may_be_unmapped,
    own_process, pass_on, pid_namespace, shared_words, spawn_quietly, time_namespace, user_name,
};
// Semaphores.
pub(crate) use platform::{
    Keyed, NamedSemaphore, Outcome, SemaphoreSet, Stamp, Step, semaphore_place,
};

#[cfg(feature = "tokio")]
pub(crate) use platform::Alarm;
#[cfg(feature = "signals")]
pub(crate) use platform::before_ending_signals;
#[cfg(feature = "robust-mutex")]
pub(crate) use platform::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
#[cfg(feature = "conformance")]
pub(crate) use platform::{
    CAN_FORK, CAN_INTERRUPT, Line, Side, admit_interruption, create_private_directory, end_child,
    end_in, fork, interrupt, interruptions, is_late, line, own_line, refuse_interruption,
    spawn_with_line,
};
#[cfg(feature = "kernel-mutex")]
pub(crate) use platform::{MutexState, NamedMutex, Possession};
#[cfg(feature = "systemd")]
pub(crate) use platform::{News, tell_service_manager};
#[cfg(unix)]
pub(crate) use platform::{receive_rights, send_rights};
