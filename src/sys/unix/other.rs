//! Every other Unix, by `sysinfo`: start times to the second, no namespaces, no boot id.

mod process;

pub(crate) use process::{own_process, pin, users};

pub(crate) use crate::sys::unsupported::{
    Advance, FileEvents, Keyed, NameEvents, NamedSemaphore, Outcome, SemaphoreSet, Stamp, Step,
    TELLS_OPENS, TELLS_READERS, Turnstile, boot_id, conflicting_bytes, exit_event, file_system,
    has_exited, has_locked, has_mark, has_posix_lock, is_ending, is_marked, lock_bytes,
    lock_holder, lock_holders, machine_id, mark, may_be_unmapped, opened_elsewhere, pid_namespace,
    receive_rights, semaphore_place, send, send_rights, time_namespace, unlock_bytes, unmark,
    wait_for_bytes, wait_to_mark,
};
#[cfg(feature = "robust-mutex")]
pub(crate) use crate::sys::unsupported::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};
