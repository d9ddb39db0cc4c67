//! Systems that this crate does not know: it compiles there, and says that it cannot.

pub(super) mod bell;
pub(super) mod file;
pub(super) mod file_id;
pub(super) mod flock;
#[cfg(feature = "conformance")]
#[path = "../windows/fork.rs"]
pub(super) mod fork;
pub(super) mod generation;
pub(super) mod handle;
pub(super) mod host_name;
#[cfg(feature = "conformance")]
#[path = "../windows/interruption.rs"]
pub(super) mod interruption;
#[cfg(feature = "conformance")]
pub(super) mod line;
pub(super) mod name_place;
pub(super) mod offset;
pub(super) mod poll;
mod process;
#[path = "../windows/quiet_thread.rs"]
pub(super) mod quiet_thread;
pub(super) mod rights;
pub(super) mod signal;
pub(super) mod user;
#[cfg(feature = "conformance")]
#[path = "../windows/watchdog.rs"]
pub(super) mod watchdog;

#[path = "../portable/byte_lock.rs"]
mod byte_lock;
#[path = "../portable/events.rs"]
mod events;
#[path = "../portable/exit.rs"]
mod exit;
#[path = "../portable/host.rs"]
mod host;
#[path = "../portable/lock_holders.rs"]
mod lock_holders;
#[path = "../portable/mark.rs"]
mod mark;
#[path = "../portable/name_events.rs"]
mod name_events;
#[path = "../portable/namespaces.rs"]
mod namespaces;
#[path = "../portable/opens.rs"]
mod opens;
#[path = "../portable/place.rs"]
mod place;
#[path = "../portable/turnstile.rs"]
mod turnstile;

use std::io;

pub(crate) use byte_lock::{conflicting_bytes, lock_bytes, unlock_bytes, wait_for_bytes};
pub(crate) use events::FileEvents;
pub(crate) use exit::{exit_event, has_exited, is_ending};
pub(crate) use host::{boot_id, machine_id};
pub(crate) use lock_holders::{has_posix_lock, lock_holder, lock_holders};
pub(crate) use mark::{TELLS_READERS, has_mark, is_marked, mark, unmark, wait_to_mark};
pub(crate) use name_events::NameEvents;
pub(crate) use namespaces::{may_be_unmapped, pid_namespace, time_namespace};
pub(crate) use opens::{TELLS_OPENS, opened_elsewhere};
pub(crate) use place::file_system;
pub(crate) use process::own_process;
pub(crate) use turnstile::{Advance, Turnstile};

/// What every call answers.
fn refuse<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}
