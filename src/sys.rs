//! The system: every system call, every `cfg(target_os)` and all `unsafe` of the crate.
//!
//! Knows nothing of records or verdicts, returns [`std::io::Result`], and is built of leaves that
//! export the same names for every platform.

#[cfg(unix)]
mod bell;
mod byte_lock;
mod clock;
#[cfg(target_os = "linux")]
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
#[cfg(unix)]
mod file_id;
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
mod interest;
#[cfg(all(unix, feature = "conformance"))]
mod interruption;
#[cfg(all(unix, feature = "conformance"))]
mod line;
mod local_mark;
mod locality;
mod lock_holder;
mod lock_mode;
mod mark;
#[cfg(unix)]
mod name_place;
#[cfg(not(windows))]
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
mod opened;
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
#[cfg(unix)]
mod poll;
mod process_marks;
#[cfg(unix)]
mod quiet_thread;
#[cfg(unix)]
mod rights;
#[cfg(target_os = "linux")]
mod robust_mutex;
#[cfg(not(target_os = "linux"))]
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
#[cfg(windows)]
use platform::named_mutex;
#[cfg(not(unix))]
use platform::{
    bell, file, file_id, flock, generation, handle, name_place, offset, poll, quiet_thread, rights,
    signal, user,
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
    create_new, directory, execute, is_closed, is_gone, is_leased, is_linkless, is_symlink_refusal,
    lease_break_time, link, link_target, names_in, open_to_read, open_to_write, path_stat, rename,
    stat, unlink,
};
pub(crate) use file_id::FileId;
pub(crate) use file_system::FileSystem;
pub(crate) use flock::{CAN_PASS, LOCK_NAME, block, is_shortage, release, try_lock};
#[cfg(feature = "conformance")]
pub(crate) use fork::{CAN_FORK, Side, end_child, fork};
pub(crate) use generation::Generation;
pub(crate) use handle::ProcessHandle;
pub(crate) use host_name::host_name;
pub(crate) use inheritance::{inheritable, inherited, pass_on};
pub(crate) use interest::Interest;
#[cfg(feature = "conformance")]
pub(crate) use interruption::{
    CAN_INTERRUPT, admit_interruption, interrupt, interruptions, refuse_interruption,
};
#[cfg(feature = "conformance")]
pub(crate) use line::{Line, line, own_line, spawn_with_line};
pub(crate) use local_mark::{say, take_back};
pub(crate) use locality::{is_local, is_surely_local};
pub(crate) use lock_holder::LockHolder;
pub(crate) use lock_mode::Mode;
pub(crate) use mark::Mark;
pub(crate) use name_place::{UNFIT_FOR_NAMES, name_place};
pub(crate) use named_mutex::{MutexState, NamedMutex, Possession};
pub(crate) use named_semaphore::{NamedSemaphore, Stamp, place as semaphore_place};
pub(crate) use numbering::{pid_max, shares_time_namespace};
pub(crate) use offset::{read_at, write_at};
pub(crate) use opened::Opened;
#[cfg(feature = "tokio")]
pub(crate) use platform::Alarm;
pub(crate) use platform::{
    Advance, FileEvents, NameEvents, TELLS_OPENS, TELLS_READERS, Turnstile, boot_id,
    conflicting_bytes, exit_event, file_system, has_exited, has_posix_lock, is_ending, is_marked,
    lock_bytes, lock_holder, lock_holders, machine_id, mark, may_be_unmapped, opened_elsewhere,
    own_process, pid_namespace, time_namespace, unlock_bytes, unmark, wait_for_bytes, wait_to_mark,
};
#[cfg(windows)]
pub(crate) use platform::{AsFd, BorrowedFd, OwnedFd};
#[cfg(unix)]
pub(crate) use platform::{receive_rights, send_rights};
pub(crate) use poll::poll;
pub(crate) use process_marks::Marks;
pub(crate) use quiet_thread::spawn_quietly;
pub(crate) use rights::{create_private_directory, rights};
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
