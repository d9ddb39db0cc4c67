//! Whose the semaphore is.
//!
//! A semaphore that is taken does not say by whom, and stays taken when that process dies. But the
//! record is written after it was taken, and vacated before it is given back: so while a
//! record of ours is in the file, its writer has taken the semaphore. If that is proven gone, nobody
//! will ever give it back, and whoever has the flock may act as if it had taken it. Two cannot,
//! because two do not have the flock, and the first to have it overwrites the record or removes it.
//! If it can do neither, it does not give the semaphore back, which the next inherits again.
//!
//! The proof has to hold for *this* semaphore, and nothing less counts than a process that has died
//! on this boot and in this PID namespace, with the path still naming the file:
//!
//! - After a reboot the semaphore is a new one, and who has taken that is alive.
//! - Another container may have another `/dev/shm`, where the same name is another semaphore.
//! - Between opening and locking, the file may have been removed by a holder that released in good
//!   order: what it says is over, and somebody else has taken the semaphore since.

use std::fs::File;
use std::io;
use std::path::Path;

use super::PosixSemaphore;
use crate::backend::content::content;
use crate::identity::Identity;
use crate::probe;
use crate::record::Content;
use crate::sys;
use crate::verdict::{KernelLock, Verdict, Why};

impl PosixSemaphore {
    /// Whether the record in `file` is of a process that has taken the semaphore, and has died. The
    /// caller has at least a share in the flock.
    pub(super) fn inherits(&self, file: &File, path: &Path) -> io::Result<bool> {
        let id = sys::stat(file)?.id;
        if sys::path_stat(path)?.is_none_or(|named| named.id != id) {
            return Ok(false);
        }
        let content = content(file)?;
        let Content::Record(record) = &content else { return Ok(false) };
        let here = &Identity::current().here;
        let same_place = here.boot_id.is_some()
            && record.boot_id == here.boot_id
            && record.pid_namespace == here.pid_namespace;
        if record.backend.as_ref() != Some(&self.name) || !same_place {
            return Ok(false);
        }
        let verdict = probe::verdict(&content, Some(file), KernelLock::Free, self);
        Ok(matches!(verdict, Verdict::Stale(Why::Dead | Why::PidReused | Why::OwnLeftover)))
    }
}
