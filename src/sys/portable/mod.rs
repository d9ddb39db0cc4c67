//! Every other Unix, by `sysinfo`: start times to the second, no namespaces, no boot id.

mod byte_lock;
mod events;
mod exit;
mod host;
mod lock_holders;
mod mark;
mod name_events;
mod namespaces;
mod opens;
mod place;
mod process;
mod rights;
mod turnstile;

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
pub(crate) use process::{has_locked, own_process, pin, send, users};
pub(crate) use rights::{receive_rights, send_rights};
pub(crate) use turnstile::{Advance, Turnstile};
