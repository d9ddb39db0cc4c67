//! What a possession of a lockfile asks of the protocol that it was acquired by.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::backend::Passing;
use crate::error::Result;
use crate::file::draft::{Draft, Settled};
use crate::file::held::Held;
use crate::file::release::Left;

/// How the holder of a lockfile excludes others: by a lock of the kernel's on the file, or by the name.
pub(in crate::file) trait Exclusion:
    Clone + Debug + Send + Sync + Sized + 'static
{
    /// Whether the name itself is the lock: then the nonce tells our name from another's, and what is
    /// written is flushed, for readers on other hosts.
    const IS_THE_NAME: bool;

    /// What others must not do while the record changes, until this is dropped.
    type Change;

    /// The name that errors give it.
    fn name(&self) -> &str;

    /// What the lock can do for those who pass it on to another process.
    fn passing(&self) -> Option<&dyn Passing> {
        None
    }

    /// Whether the lock goes with the descriptor to a program that inherits it.
    fn goes_with_descriptor(&self) -> bool {
        false
    }

    /// Prepares a change of the record in place.
    fn before_change(held: &Held<Self>) -> Result<Self::Change>;

    /// Removes the lockfile, which has `names`, or marks it as released. It was seen to be ours.
    fn vacate(held: &mut Held<Self>, names: u64) -> Result<Left>;

    /// Unlocks, also for the copies of the descriptor in forked children.
    fn unlock(held: &Held<Self>) -> io::Result<()>;

    /// Whether a lock that is left after the lockfile has gone is in the way of others.
    fn outlasts_the_name(&self) -> bool;

    /// Gives the new lockfile `to` its name by `put`, so that it is locked from the moment when others
    /// find it. `put` says whether it has the name.
    fn put_back(
        held: &Held<Self>,
        to: &File,
        path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()>;

    /// What becomes of a draft that has been given the name `path`.
    fn settle(draft: Draft, path: &Path) -> Settled;
}
