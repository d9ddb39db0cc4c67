//! What a backend can do whose lock many can share.

use std::fs::File;
use std::io;
use std::path::Path;

/// A lock that many can share, as readers do, while nobody has it alone.
///
/// Obligations, besides those of [`Backend`](super::Backend): those who share it keep out those who
/// want it alone, and the other way round; sharing ends with the death of whoever shares.
pub trait Sharing {
    /// Shares the lock on `file`, which was opened at `path`, if that takes no waiting; whether it
    /// is shared now.
    ///
    /// # Errors
    ///
    /// The primitive cannot be used on this file: nothing is locked.
    fn try_share(&self, file: &File, path: &Path) -> io::Result<bool>;

    /// Shares the lock, waiting in the [`queue`](super::Backend::queue) for as long as it takes;
    /// whether it is shared now. Is not called where there is no queue.
    ///
    /// # Errors
    ///
    /// As for [`try_share`](Self::try_share).
    fn wait_to_share(&self, file: &File, path: &Path) -> io::Result<bool>;

    /// Whether, of all who share the lock, it is for `file` to write the record: at most one is
    /// told so, until it has let go. That nobody is, is always safe: then nobody is named.
    fn may_write(&self, file: &File, path: &Path) -> bool;

    /// Has the lock alone, if nobody else shares it; whether that is so now. If not, the lock may
    /// have been let go of.
    ///
    /// # Errors
    ///
    /// It may have been let go of.
    fn have_alone(&self, file: &File, path: &Path) -> io::Result<bool>;

    /// Lets go of the lock that was shared, or had alone after that; also where a forked child has
    /// copies of the descriptor.
    ///
    /// # Errors
    ///
    /// The lock may still be held.
    fn let_go(&self, file: &File, path: &Path) -> io::Result<()>;
}
