//! Windows, 10 or newer.

pub(super) mod as_fd;
mod create_file;
mod error;
mod file_error;
pub(super) mod file_id;
mod file_information;
mod file_stat;
mod flock;
mod generation;
mod host_ids;
mod lock_range;
mod mark;
mod named_lock_dir;
#[cfg(feature = "kernel-mutex")]
mod named_mutex;
mod names;
mod one_shot_event;
mod open;
mod permissions;
mod poll;
mod positioned_io;
mod process;
mod process_handle;
mod process_list;
mod removal;
#[cfg(feature = "conformance")]
mod socket_pair;
mod volume;
mod waker;

pub(crate) use super::host_name::host_name;
pub(crate) use file_error::{is_closed, is_gone, is_linkless, is_symlink_refusal};
pub(crate) use file_stat::{directory, path_stat, stat};
pub(crate) use flock::{CAN_PASS, LOCK_NAME, block, is_shortage, release, try_lock};
pub(crate) use generation::Generation;
pub(crate) use host_ids::{boot_id, machine_id};
pub(crate) use mark::{TELLS_READERS, has_mark, is_marked, mark, unmark, wait_to_mark};
pub(crate) use named_lock_dir::{UNFIT_FOR_NAMES, name_place};
#[cfg(feature = "kernel-mutex")]
pub(crate) use named_mutex::{MutexState, NamedMutex, Possession};
pub(crate) use names::{link, link_target, names_in, rename};
pub(crate) use one_shot_event::Signal;
pub(crate) use open::{create_new, open_to_read, open_to_write};
#[cfg(feature = "conformance")]
pub(crate) use permissions::create_private_directory;
pub(crate) use permissions::rights;
pub(crate) use poll::poll;
pub(crate) use positioned_io::{read_at, write_at};
pub(crate) use process::{exists, exit_event, has_exited, own_process};
pub(crate) use process_handle::ProcessHandle;
pub(crate) use removal::unlink;
#[cfg(feature = "conformance")]
pub(crate) use socket_pair::{Line, line, own_line, spawn_with_line};
pub(crate) use volume::file_system;
pub(crate) use waker::Bell;

// PIDs are the machine's. (A container's processes do not see those of others: its records are told
// apart by the host's name.)
pub(crate) use super::unsupported::{pid_namespace, time_namespace};

// Not asked for: where Windows refuses the list of users, sysinfo reads it from nowhere (0.36).
pub(crate) use super::unsupported::user_name;

// Whoever may not open a process is told so, and not that there is none.
pub(crate) use super::unsupported::may_be_hidden;

#[cfg(feature = "signals")]
pub(crate) use super::unsupported::before_ending_signals;
pub(crate) use super::unsupported::{
    Advance, FileEvents, Keyed, NameEvents, NamedSemaphore, Outcome, SemaphoreSet, Stamp, Step,
    TELLS_OPENS, Turnstile, conflicting_bytes, effective_uid, execute, has_posix_lock, inheritable,
    inherited, is_ending, is_leased, lease_break_time, lock_bytes, lock_holder, lock_holders,
    may_be_unmapped, opened_elsewhere, pass_on, semaphore_place, shared_words, spawn_quietly,
    unlock_bytes, wait_for_bytes,
};
#[cfg(feature = "robust-mutex")]
pub(crate) use super::unsupported::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
#[cfg(feature = "conformance")]
pub(crate) use super::unsupported::{
    CAN_FORK, CAN_INTERRUPT, Side, admit_interruption, end_child, end_in, fork, interrupt,
    interruptions, is_late, refuse_interruption,
};
#[cfg(feature = "systemd")]
pub(crate) use super::unsupported::{News, tell_service_manager};
