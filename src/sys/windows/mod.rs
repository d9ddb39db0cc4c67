//! Windows, 10 or newer.

pub(super) mod bell;
mod error;
pub(super) mod file;
pub(super) mod flock;
#[cfg(feature = "conformance")]
pub(super) mod fork;
pub(super) mod generation;
pub(super) mod handle;
mod host;
mod information;
#[cfg(feature = "conformance")]
pub(super) mod interruption;
#[cfg(feature = "conformance")]
pub(super) mod line;
mod mark;
pub(super) mod name_place;
#[cfg(feature = "kernel-mutex")]
pub(super) mod named_mutex;
pub(super) mod offset;
mod open;
pub(super) mod poll;
mod process;
mod process_list;
pub(super) mod quiet_thread;
mod range;
mod removal;
pub(super) mod rights;
pub(super) mod signal;
pub(super) mod user;
mod volume;
mod waitable;
#[cfg(feature = "conformance")]
pub(super) mod watchdog;

#[path = "../portable/byte_lock.rs"]
mod byte_lock;
#[path = "../portable/events.rs"]
mod events;
#[path = "../portable/lock_holders.rs"]
mod lock_holders;
#[path = "../portable/name_events.rs"]
mod name_events;
#[path = "../portable/opens.rs"]
mod opens;
#[path = "../portable/turnstile.rs"]
mod turnstile;

pub(crate) use byte_lock::{conflicting_bytes, lock_bytes, unlock_bytes, wait_for_bytes};
pub(crate) use events::{FileEvents, Interest};
pub(crate) use host::{boot_id, machine_id, may_be_unmapped, pid_namespace, time_namespace};
pub(crate) use lock_holders::{has_posix_lock, lock_holder, lock_holders};
pub(crate) use mark::{Mark, TELLS_READERS, has_mark, is_marked, mark, unmark, wait_to_mark};
pub(crate) use name_events::NameEvents;
pub(crate) use opens::{TELLS_OPENS, opened_elsewhere};
pub(crate) use process::{exit_event, has_exited, is_ending, own_process};
pub(crate) use turnstile::{Advance, Turnstile};
pub(crate) use volume::file_system;
pub(crate) use waitable::{AsFd, BorrowedFd, OwnedFd};
