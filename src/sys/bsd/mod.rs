//! macOS and FreeBSD: start times to the microsecond, and kqueue(2). Type-checked by the checks of this
//! crate, and never run by them.

mod description;
mod events;
mod exit;
#[cfg(target_vendor = "apple")]
#[path = "apple.rs"]
mod kernel;
#[cfg(target_os = "freebsd")]
#[path = "freebsd.rs"]
mod kernel;
mod place;
mod process;

#[path = "../portable/byte_lock.rs"]
mod byte_lock;
#[path = "../portable/lock_holders.rs"]
mod lock_holders;
#[path = "../portable/mark.rs"]
mod mark;
#[path = "../portable/name_events.rs"]
mod name_events;
#[path = "../portable/opens.rs"]
mod opens;
// (A jail's processes do not see those of others: its records are told apart by the host's name.)
#[path = "../portable/namespaces.rs"]
mod namespaces;
#[path = "../portable/rights.rs"]
mod rights;
#[path = "../portable/turnstile.rs"]
mod turnstile;

pub(crate) use byte_lock::{conflicting_bytes, lock_bytes, unlock_bytes, wait_for_bytes};
pub(crate) use events::FileEvents;
pub(crate) use exit::{exit_event, has_exited, is_ending};
#[cfg(target_os = "freebsd")]
pub(crate) use kernel::hides_others;
pub(crate) use kernel::{boot_id, machine_id};
pub(crate) use lock_holders::{has_posix_lock, lock_holder, lock_holders};
pub(crate) use mark::{TELLS_READERS, has_mark, is_marked, mark, unmark, wait_to_mark};
pub(crate) use name_events::NameEvents;
pub(crate) use namespaces::{may_be_unmapped, pid_namespace, time_namespace};
pub(crate) use opens::{TELLS_OPENS, opened_elsewhere};
pub(crate) use place::file_system;
pub(crate) use process::{has_locked, own_process, pin, send, users};
pub(crate) use rights::{receive_rights, send_rights};
pub(crate) use turnstile::{Advance, Turnstile};
