//! Removing the sets that nobody needs, whatever their paths were.
//!
//! # Why nobody gets in
//!
//! What path a set is of cannot be told from it, and does not matter: to sweep a set is to contend for
//! its path, to be admitted, and to release without having touched the lockfile.
//!
//! - A set that somebody holds is locked, and one that is waited for is held: it is not admitted to.
//! - Between finding a set free and removing it, a contender may come to hold it. So it is locked
//!   first, without waiting, and removed by whoever has it locked: nobody else does then.
//! - Whoever had found the set before that, and comes to lock it afterwards, is told that it has gone,
//!   and begins again, as after every release. Whoever meanwhile tries is refused, once.
//! - Whoever has made a set and not yet signed it finds it still there.
//!
//! What could be another program's is left: a set is ours only by its signature, which is written
//! with the tag, at once and for good.

use std::io;
use std::path::Path;

use super::survey::is_signed;
use super::{ENTER, LEAVE, SIZE, Semaphore, leave};
use crate::error::{Op, Result, failed};
use crate::sys::{Outcome, SemaphoreSet};

impl Semaphore {
    /// Removes the semaphore sets that holders of any path have left behind when they died; returns
    /// the numbers of those, as `ipcs -s` has shown them.
    ///
    /// Nobody gets in by it who would not have: only sets that nobody holds are removed, and whoever
    /// is about to lock one makes another. A contender that tries to lock in the very moment of the
    /// removal is busy, as with any other contender. Left are sets that are held or waited for, sets
    /// that this user may not remove, and all that does not bear the signature of this crate.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io): the sets cannot be listed.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux, and the sets of this IPC namespace; elsewhere it is an error.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// for number in tenure::Semaphore::sweep()? {
    ///     println!("removed the set {number}");
    /// }
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn sweep() -> Result<Vec<u32>> {
        let table = Path::new("/proc/sysvipc/sem");
        let sets = SemaphoreSet::listed_in(table, SIZE).map_err(failed(Op::Inspect, table))?;
        // What cannot be looked at or altered is left.
        let swept = sets.into_iter().filter(|set| sweep(*set).unwrap_or(false));
        Ok(swept.map(SemaphoreSet::id).collect())
    }
}

/// Removes the set if it is ours, and nobody's; whether it was removed.
pub(super) fn sweep(set: SemaphoreSet) -> io::Result<bool> {
    if !is_signed(set)? || set.try_take(&ENTER)? != Outcome::Taken {
        return Ok(false);
    }
    // Not to be left locked, for as long as this process lives, where it cannot be removed.
    leave(set).or_else(|err| set.try_take(&LEAVE).and(Err(err)))
}
