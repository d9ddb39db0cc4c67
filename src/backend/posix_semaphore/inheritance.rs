//! Whose the semaphore is.
//!
//! A semaphore that is taken does not say by whom, and stays taken when that process dies. The
//! contender that has the flock on the lockfile inherits it if three things are true:
//!
//! - *The stamp of this lockfile is on the semaphore.* So a holder of this lockfile has taken it, and has
//!   not given it back (S1, S3). That holds for *this* semaphore: one that was made anew has no stamp.
//! - *The path names the lockfile.* Between opening and locking, somebody may have removed it, and the
//!   stamp may be that of a file with the same inode number since.
//! - *The record in it is over.* Either its author has died, on this boot and in this PID namespace: then
//!   it does not give the semaphore back. Or it says `released_at`: then its author was about to give it
//!   back, and has died, because it would still have the flock otherwise.
//!
//! Two do not inherit at once, because two do not have the flock. An heir that dies has changed nothing,
//! or has written a record of its own, which is as good for the next.

use std::fs::File;
use std::io;
use std::path::Path;

use super::PosixSemaphore;
use super::part::stamp;
use crate::backend::Primitive;
use crate::backend::content::content;
use crate::identity::Identity;
use crate::probe;
use crate::record::Content;
use crate::sabotage::{self, Guard};
use crate::sys::{self, NamedSemaphore};
use crate::verdict::{KernelLock, Verdict, Why};

impl PosixSemaphore {
    /// Whether the caller, who has at least a share in the flock on `file`, would inherit `semaphore`.
    pub(super) fn inherits(
        &self,
        file: &File,
        path: &Path,
        semaphore: &NamedSemaphore,
    ) -> io::Result<bool> {
        if !semaphore.is_taken_with(stamp(file)?) && !sabotage::without(Guard::Stamp) {
            return Ok(false);
        }
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
        let verdict = probe::verdict(&content, Some(file), KernelLock::Free, Primitive::of(self));
        Ok(matches!(
            verdict,
            Verdict::Stale(Why::Dead | Why::PidReused | Why::OwnLeftover | Why::Released)
        ))
    }
}
