//! What a backend can do whose lock has a part that death does not free.

use std::fs::File;
use std::io;
use std::path::Path;

/// A part of a lock that stays taken when its holder dies.
///
/// The caller writes its record before it takes this part, and gives the part back before it removes the
/// record. So the record of a dead holder is there for as long as the part is taken, and the next
/// contender can prove by it that the part is free to be inherited.
///
/// Obligations, besides those of [`Backend`](super::Backend):
///
/// 1. [`try_lock`](super::Backend::try_lock) takes nothing of this part. It refuses where it sees that
///    [`take`](Self::take) would.
/// 2. [`release`](super::Backend::release) gives the part back if that was not done before.
pub trait Lasting {
    /// Takes the part for `file`, which the caller has locked, and into which it has written its record;
    /// whether it is taken now. It does not wait.
    ///
    /// # Errors
    ///
    /// The part is not taken.
    fn take(&self, file: &File, path: &Path) -> io::Result<bool>;

    /// Gives the part back, while `file` is locked still: one that was taken, or one that a dead holder
    /// has left and the caller could take. Does nothing about any other.
    ///
    /// # Errors
    ///
    /// The part may still be taken.
    fn give_back(&self, file: &File, path: &Path) -> io::Result<()>;

    /// What is in the way, as the end of a sentence that begins with "it is locked by", if it is this part
    /// that keeps the caller out and not a holder of the lockfile.
    fn obstacle(&self, file: &File, path: &Path) -> Option<String>;
}
