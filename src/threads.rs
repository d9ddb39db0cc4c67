//! Which thread of this process acquired which lockfile, so that no thread waits for itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::sys::FileId;

static HELD: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

struct Entry {
    id: FileId,
    thread: ThreadId,
    pid: u32,
}

fn held() -> MutexGuard<'static, Vec<Entry>> {
    // Every change below is a single call: a panic leaves nothing half done.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This thread, of the process `pid`, has acquired the lockfile `id`.
pub(crate) fn note(id: FileId, pid: u32) {
    let entry = Entry { id, thread: thread::current().id(), pid };
    held().push(entry);
}

/// The lockfile `id` is released, by whatever thread.
///
/// Only the process that acquired it may say so: in a forked child the mutex may have been locked
/// for ever by a thread that the child does not have.
pub(crate) fn forget(id: FileId) {
    held().retain(|entry| entry.id != id);
}

/// Whether it was this thread, of this process, that acquired the lockfile `id`.
pub(crate) fn is_own(id: FileId) -> bool {
    let (thread, pid) = (thread::current().id(), std::process::id());
    held().iter().any(|entry| entry.id == id && entry.thread == thread && entry.pid == pid)
}
