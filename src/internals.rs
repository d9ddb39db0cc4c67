//! Facts that the program of this package puts into words. They are no part of the interface, and may
//! change with every version. The program would otherwise have to know them a second time.

use std::ffi::OsStr;

use crate::{backend, file, sys, verdict};

/// The inode of the first PID namespace.
pub const INITIAL_PID_NAMESPACE: u64 = verdict::INITIAL_PID_NAMESPACE;

/// The name of the semaphore, if the backend of that name is a [`PosixSemaphore`](crate::PosixSemaphore).
#[must_use]
pub fn posix_semaphore_of(backend: &str) -> Option<&str> {
    backend::semaphore_of(backend)
}

/// Whether a file of that name lies beside a lockfile of [`Hardlink`](crate::Hardlink): a draft, a claim,
/// or what a dead holder left.
#[must_use]
pub fn is_beside_lockfile(name: &OsStr) -> bool {
    file::is_beside(name)
}

/// The boot id that counts: that of the kernel, if it shows one.
#[must_use]
pub fn boot_id() -> Option<String> {
    sys::boot_id().ok().flatten()
}

/// Whether this machine has a machine-id(5).
#[must_use]
pub fn has_machine_id() -> bool {
    sys::machine_id().is_ok_and(|id| id.is_some())
}
