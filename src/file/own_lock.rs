//! POSIX record locks that this very process has on a lockfile (fcntl(2), `F_SETLK`; lockf(3)).
//!
//! Such a lock is lost as soon as the process closes any descriptor of the file (close(2)), also one
//! that this crate has opened to look at it. So that descriptor stays open until the lock is gone.
//!
//! Between our opening and closing the file, another thread may take such a lock, and loses it.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::sabotage::{self, Guard};
use crate::sys::{self, FileId, Mode};

static KEPT: Mutex<Vec<(FileId, File)>> = Mutex::new(Vec::new());

/// Whether there is any, so that the usual case takes no lock.
static ANY: AtomicBool = AtomicBool::new(false);

/// The file, to be used and closed; `None` if this process has a POSIX lock on it, and then it is kept
/// open.
pub(in crate::file) fn spare(file: File) -> Option<File> {
    if !is_own(&file) || sabotage::without(Guard::OwnLock) {
        return Some(file);
    }
    // What cannot be found again is kept all the same: it is only left open longer.
    match sys::stat(&file) {
        Ok(stat) => kept(|kept| kept.push((stat.id, file))),
        Err(_) => std::mem::forget(file),
    }
    None
}

/// Runs `look` on the file of the number `id` if it was kept open, and this process has its lock still.
pub(in crate::file) fn look<T>(id: FileId, look: impl FnOnce(&File) -> T) -> Option<T> {
    if !ANY.load(Ordering::Relaxed) {
        return None;
    }
    kept(|kept| {
        kept.retain(|(_, file)| is_own(file));
        kept.iter().find(|(its, _)| *its == id).map(|(_, file)| look(file))
    })
}

fn is_own(file: &File) -> bool {
    match sys::conflicting_bytes(file, Mode::Exclusive) {
        Ok(Some(lock)) if lock.pid == Some(std::process::id()) => true,
        // It has all bytes alone.
        Ok(Some(lock)) if lock.is_own_kind && lock.exclusive => false,
        // Others lock the file, too, and one of them was named.
        Ok(Some(_)) => sys::stat(file).is_ok_and(|stat| sys::has_posix_lock(stat.id)),
        _ => false,
    }
}

fn kept<T>(act: impl FnOnce(&mut Vec<(FileId, File)>) -> T) -> T {
    // Each change is whole before anything can panic.
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let result = act(&mut kept);
    ANY.store(!kept.is_empty(), Ordering::Relaxed);
    result
}
