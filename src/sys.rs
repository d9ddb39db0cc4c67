//! The system: every system call, every `cfg(target_os)` and all `unsafe` of the crate.
//!
//! Knows nothing of records or verdicts, returns [`std::io::Result`], and is built of leaves that
//! export the same names for every platform.

mod clock;
mod file;
mod flock;
mod generation;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "sys/linux/mod.rs"]
mod platform;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "sys/portable/mod.rs"]
mod platform;
mod poll;
mod user;

pub(crate) use clock::wall_clock;
pub(crate) use file::{
    FileId, Kind, Stat, create_new, directory, is_symlink_refusal, link_target, open_to_read,
    open_to_write, path_stat, stat, unlink,
};
pub(crate) use flock::{Mode, block, is_shortage, release, try_lock};
pub(crate) use generation::Generation;
#[cfg(feature = "tokio")]
pub(crate) use platform::Alarm;
pub(crate) use platform::{
    Advance, FileEvents, Mark, Turnstile, boot_id, exit_event, has_exited, is_local, is_marked,
    machine_id, mark, own_process, pid_namespace, process, time_namespace, unmark,
};
pub(crate) use poll::poll;
pub(crate) use user::{effective_uid, exists};

/// What a process has that a later process of the same PID has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// When it started; see `Record::start_ticks` for the unit.
    pub(crate) start_ticks: Option<u64>,
    /// The inode of its pidfd.
    pub(crate) pidfd_inode: Option<u64>,
}
