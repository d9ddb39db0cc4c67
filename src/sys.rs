//! The system: every system call, every `cfg(target_os)` and all `unsafe` of the crate.
//!
//! Knows nothing of records or verdicts, returns [`std::io::Result`], and is built of leaves that
//! export the same names for every platform.

mod bell;
mod clock;
#[cfg(target_os = "linux")]
mod clock_lock;
#[cfg(feature = "signals")]
mod disposition;
mod file;
mod flock;
#[cfg(feature = "conformance")]
mod fork;
mod generation;
mod handle;
mod inheritance;
#[cfg(feature = "conformance")]
mod interruption;
#[cfg(target_os = "linux")]
mod named_semaphore;
#[cfg(not(target_os = "linux"))]
#[path = "sys/portable/named_semaphore.rs"]
mod named_semaphore;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "sys/linux/mod.rs"]
mod platform;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "sys/portable/mod.rs"]
mod platform;
mod poll;
mod quiet_thread;
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
mod shared_words;
mod user;
#[cfg(feature = "conformance")]
mod watchdog;

/// Whether this system has PID namespaces, in each of which a PID means another process.
pub(crate) const HAS_PID_NAMESPACES: bool = cfg!(any(target_os = "linux", target_os = "android"));

pub(crate) use bell::Bell;
pub(crate) use clock::wall_clock;
#[cfg(feature = "signals")]
pub(crate) use disposition::is_ignored;
pub(crate) use file::{
    FileId, Kind, Stat, create_new, directory, is_linkless, is_symlink_refusal, link, link_target,
    names_in, open_to_read, open_to_write, path_stat, rename, stat, unlink,
};
pub(crate) use flock::{Mode, block, is_shortage, release, try_lock};
#[cfg(feature = "conformance")]
pub(crate) use fork::{Side, end_child, fork};
pub(crate) use generation::Generation;
pub(crate) use handle::ProcessHandle;
pub(crate) use inheritance::{inheritable, inherited, pass_on};
#[cfg(feature = "conformance")]
pub(crate) use interruption::{admit_interruption, interrupt, interruptions, refuse_interruption};
pub(crate) use named_semaphore::NamedSemaphore;
#[cfg(feature = "tokio")]
pub(crate) use platform::Alarm;
pub(crate) use platform::{
    Advance, FileEvents, Interest, Mark, NameEvents, Turnstile, boot_id, exit_event, has_exited,
    is_ending, is_local, is_marked, lock_holders, machine_id, mark, own_process, pid_namespace,
    receive_rights, send_rights, time_namespace, unmark, wait_to_mark,
};
pub(crate) use poll::poll;
pub(crate) use quiet_thread::spawn_quietly;
pub(crate) use robust_mutex::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi,
};
pub(crate) use semaphore_set::{Keyed, Outcome, SemaphoreSet, Step};
pub(crate) use shared_words::shared_words;
pub(crate) use user::{effective_uid, exists};
#[cfg(feature = "conformance")]
pub(crate) use watchdog::{end_in, is_late};

/// What a process has that a later process of the same PID has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// When it started; see `Record::start_ticks` for the unit.
    pub(crate) start_ticks: Option<u64>,
    /// The inode of its pidfd.
    pub(crate) pidfd_inode: Option<u64>,
}
