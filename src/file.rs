//! Locks that are files: the record in the file, and two protocols for who may write it.
//!
//! | module | what it knows |
//! | --- | --- |
//! | `kernel` | a lock of the kernel's, or of another backend, on the file |
//! | `link` | the name as the lock, made by link(2) |
//! | `handover` | how a held lockfile goes over to another process |
//! | the others | what all of these have in common |
//!
//! `kernel` and `link` know nothing of each other.

mod at_name;
mod before;
mod beside;
mod content;
mod draft;
mod handover;
mod held;
mod kernel;
mod lease;
mod link;
mod locked_file;
mod own_lock;
mod own_record;
mod place;
mod possession;
mod process;
mod release;
mod restore;
mod stage;
mod succession;
mod turns;

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

pub(crate) use self::beside::is_beside;
pub(crate) use self::lease::Lease;
pub(crate) use self::link::claimant;
pub(crate) use self::place::Place;
pub(crate) use self::process::holder_process;
use crate::error::{Error, Op, Result, failed};
use crate::sys::{self, Kind};

/// A relative path means the directory of this moment, also when the file is to be removed.
pub(crate) fn absolute(path: &Path) -> Result<Cow<'_, Path>> {
    if path.is_absolute() {
        return Ok(Cow::Borrowed(path));
    }
    std::path::absolute(path).map(Cow::Owned).map_err(failed(Op::Inspect, path))
}

/// Whether a file of ours may be removed, and is the same for all who have it open: see
/// [`held::Held::may_be_removed`].
fn has_one_view(file: &File) -> bool {
    sys::file_system(file).is_ok_and(|it| it.one_view)
}

/// The file, to be looked at again without closing it: not where an open file goes on saying what it said
/// when it was opened, while another client writes (`nfs(5)`, "Close-to-open cache consistency"), and
/// not where closing it is left to `own_lock.rs`.
pub(crate) fn for_another_look(file: File) -> Option<File> {
    own_lock::spare(file).filter(has_one_view)
}

pub(crate) fn not_a_lockfile(path: &Path, kind: Kind) -> Error {
    let kind = match kind {
        Kind::Regular => "a file that was removed, and is still mounted here",
        Kind::Directory => "a directory",
        Kind::SymbolicLink => "a symbolic link",
        Kind::Fifo => "a FIFO",
        Kind::Socket => "a socket",
        Kind::Device => "a device",
    };
    Error::NotALockfile { path: path.to_owned(), kind }
}
