//! Every Unix: the calls that POSIX has, and flock(2).
//!
//! What each kernel does in its own way is in `linux`, `bsd` or `unix/other`.

#[cfg(feature = "signals")]
mod ending_signals;
mod exec;
mod fd_inheritance;
mod file_error;
pub(super) mod file_id;
pub(super) mod file_stat;
pub(super) mod flock;
#[cfg(feature = "conformance")]
mod fork;
pub(super) mod generation;
#[cfg(feature = "conformance")]
mod interruption;
pub(super) mod kill;
mod lease;
mod named_lock_dir;
pub(super) mod names;
mod one_shot_event;
pub(super) mod open;
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd"
)))]
mod other;
mod permissions;
mod poll;
mod positioned_io;
mod process_handle;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(super) mod resource_shortage;
#[cfg(feature = "systemd")]
mod service_manager;
mod shared_words;
#[cfg(feature = "signals")]
mod signal_disposition;
#[cfg(feature = "conformance")]
mod socket_pair;
mod thread_without_signals;
mod user;
mod waker;
#[cfg(feature = "conformance")]
mod watchdog;

#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
use super::bsd as kernel;
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::linux as kernel;
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd"
)))]
use other as kernel;

pub(crate) use super::host_name::host_name;
#[cfg(feature = "signals")]
pub(crate) use ending_signals::before_ending_signals;
pub(crate) use exec::execute;
pub(crate) use fd_inheritance::{inheritable, inherited, pass_on};
pub(crate) use file_error::{is_closed, is_gone, is_linkless, is_symlink_refusal};
pub(crate) use file_stat::{directory, path_stat, stat};
pub(crate) use flock::{CAN_PASS, LOCK_NAME, block, is_shortage, release, try_lock};
#[cfg(feature = "conformance")]
pub(crate) use fork::{CAN_FORK, Side, end_child, fork};
pub(crate) use generation::Generation;
#[cfg(feature = "conformance")]
pub(crate) use interruption::{
    CAN_INTERRUPT, admit_interruption, interrupt, interruptions, refuse_interruption,
};
pub(crate) use kill::{exists, may_be_hidden};
pub(crate) use lease::{is_leased, lease_break_time};
pub(crate) use named_lock_dir::{UNFIT_FOR_NAMES, name_place};
pub(crate) use names::{link, link_target, names_in, rename, unlink};
pub(crate) use one_shot_event::Signal;
pub(crate) use open::{create_new, open_to_read, open_to_write};
#[cfg(feature = "conformance")]
pub(crate) use permissions::create_private_directory;
pub(crate) use permissions::rights;
pub(crate) use poll::poll;
pub(crate) use positioned_io::{read_at, write_at};
pub(crate) use process_handle::ProcessHandle;
#[cfg(feature = "systemd")]
pub(crate) use service_manager::{News, tell_service_manager};
pub(crate) use shared_words::shared_words;
#[cfg(feature = "conformance")]
pub(crate) use socket_pair::{Line, line, own_line, spawn_with_line};
pub(crate) use thread_without_signals::spawn_quietly;
pub(crate) use user::{effective_uid, user_name};
pub(crate) use waker::Bell;
#[cfg(feature = "conformance")]
pub(crate) use watchdog::{end_in, is_late};

#[cfg(feature = "tokio")]
pub(crate) use kernel::Alarm;
pub(crate) use kernel::{
    Advance, FileEvents, Keyed, NameEvents, NamedSemaphore, Outcome, SemaphoreSet, Stamp, Step,
    TELLS_OPENS, TELLS_READERS, Turnstile, boot_id, conflicting_bytes, exit_event, file_system,
    has_exited, has_mark, has_posix_lock, is_ending, is_marked, lock_bytes, lock_holder,
    lock_holders, machine_id, mark, may_be_unmapped, opened_elsewhere, own_process, pid_namespace,
    receive_rights, semaphore_place, send_rights, time_namespace, unlock_bytes, unmark,
    wait_for_bytes, wait_to_mark,
};
#[cfg(feature = "robust-mutex")]
pub(crate) use kernel::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};

#[cfg(feature = "kernel-mutex")]
pub(crate) use super::unsupported::{MutexState, NamedMutex, Possession};
