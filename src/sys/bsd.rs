//! macOS and FreeBSD: start times to the microsecond, and kqueue(2). Type-checked by the checks of this
//! crate, and never run by them.

#[cfg(target_vendor = "apple")]
mod apple;
mod exit_event;
mod file_events;
#[cfg(target_os = "freebsd")]
pub(super) mod freebsd;
mod process;
mod process_description;
mod statfs;

#[cfg(target_vendor = "apple")]
use apple as kernel;
#[cfg(target_os = "freebsd")]
use freebsd as kernel;

pub(crate) use exit_event::{exit_event, has_exited};
pub(crate) use file_events::FileEvents;
pub(crate) use kernel::{boot_id, machine_id};
pub(crate) use process::{own_process, pin, users};
pub(crate) use statfs::file_system;

// (A jail's processes do not see those of others: its records are told apart by the host's name.)
pub(crate) use super::unsupported::{pid_namespace, time_namespace};

pub(crate) use super::unsupported::{
    Advance, Keyed, NameEvents, NamedSemaphore, Outcome, SemaphoreSet, Stamp, Step, TELLS_OPENS,
    TELLS_READERS, Turnstile, conflicting_bytes, has_locked, has_mark, has_posix_lock, is_ending,
    is_marked, lock_bytes, lock_holder, lock_holders, mark, may_be_unmapped, opened_elsewhere,
    receive_rights, semaphore_place, send, send_rights, unlock_bytes, unmark, wait_for_bytes,
    wait_to_mark,
};
#[cfg(feature = "robust-mutex")]
pub(crate) use super::unsupported::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
