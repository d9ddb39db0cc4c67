//! Linux: identity from `/proc` and pidfds, exact and in a few microseconds.

#[cfg(feature = "tokio")]
mod async_alarm;
mod byte_lock;
mod file_events;
#[allow(dead_code, reason = "the program, which compiles it too, asks by name")]
mod file_system_kinds;
mod host_ids;
mod lock_holders;
mod mark;
mod name_events;
#[cfg(target_os = "linux")]
mod named_semaphore;
mod opened_elsewhere;
mod pidfd;
mod proc_stat;
mod process;
#[cfg(all(target_os = "linux", feature = "robust-mutex"))]
mod robust_mutex;
mod scm_rights;
#[cfg(target_os = "linux")]
mod semaphore_set;
mod statfs;
mod turnstile;
mod user_map;
pub(super) mod wipe_on_fork;

#[cfg(feature = "tokio")]
pub(crate) use async_alarm::Alarm;
pub(crate) use byte_lock::{conflicting_bytes, lock_bytes, unlock_bytes, wait_for_bytes};
pub(crate) use file_events::FileEvents;
pub(crate) use host_ids::{boot_id, machine_id, pid_namespace, time_namespace};
pub(crate) use lock_holders::{has_locked, has_posix_lock, lock_holder, lock_holders};
pub(crate) use mark::{TELLS_READERS, has_mark, is_marked, mark, unmark, wait_to_mark};
pub(crate) use name_events::NameEvents;
#[cfg(target_os = "linux")]
pub(crate) use named_semaphore::{NamedSemaphore, Stamp, place as semaphore_place};
pub(crate) use opened_elsewhere::{TELLS_OPENS, opened_elsewhere};
pub(crate) use pidfd::{exit_event, has_exited, send};
pub(crate) use process::{is_ending, own_process, pin, users};
#[cfg(all(target_os = "linux", feature = "robust-mutex"))]
pub(crate) use robust_mutex::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
pub(crate) use scm_rights::{receive_rights, send_rights};
#[cfg(target_os = "linux")]
pub(crate) use semaphore_set::{Keyed, Outcome, SemaphoreSet, Step};
pub(crate) use statfs::file_system;
pub(crate) use turnstile::{Advance, Turnstile};
pub(crate) use user_map::may_be_unmapped;

#[cfg(all(target_os = "android", feature = "robust-mutex"))]
pub(crate) use super::unsupported::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
#[cfg(target_os = "android")]
pub(crate) use super::unsupported::{
    Keyed, NamedSemaphore, Outcome, SemaphoreSet, Stamp, Step, semaphore_place,
};
