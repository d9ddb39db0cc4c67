//! A file that names nobody: empty, filled with blanks or NUL, or cut short.
//!
//! A crash between creating a lockfile and writing its record leaves such a file, and so does a power
//! failure before the record reached the disk. A contender takes it over, or nobody could lock again.
//! But programs that know no kernel lock have such files as well, while they hold: git's `index.lock`
//! is empty or half written then. So only a file that could be ours is taken over, and only while no
//! process has it open.

use std::fs::File;

use crate::sabotage::{self, Guard};
use crate::sys::{self, Mark, Opened, Stat};

/// What a file that names nobody can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Blank {
    /// What a crash left of a lockfile, or what another program of the kind made that has closed it.
    Left,
    /// A lockfile that a contender of this crate has just created, whom we were first to lock it.
    Fresh,
    /// A file that some process has open, which may be about to write into it.
    Opened,
    /// Not a lockfile of this crate, and why.
    Foreign(&'static str),
}

/// The owner can read and write every lockfile of this crate.
const OWNER_READS_AND_WRITES: u32 = 0o600;

/// Looks at `file`, which names nobody and which nobody else has a kernel lock on.
pub(in crate::file) fn examine(file: &File, stat: &Stat) -> Blank {
    if stat.names > 1 {
        return Blank::Foreign(
            "it is empty and has two names, as the lock of a program has that locks by link(2)",
        );
    }
    if sys::HAS_MODES && stat.mode & OWNER_READS_AND_WRITES != OWNER_READS_AND_WRITES {
        return Blank::Foreign("it is empty, and its owner may not read and write it");
    }
    if sabotage::without(Guard::Opened) {
        return Blank::Left;
    }
    if sys::is_marked(file, Mark::Creates).unwrap_or(false) {
        return Blank::Fresh;
    }
    match sys::opened_elsewhere(file, stat.id) {
        // Its creator may have said so meanwhile.
        _ if sys::is_marked(file, Mark::Creates).unwrap_or(false) => Blank::Fresh,
        Opened::Elsewhere => Blank::Opened,
        Opened::Untold if is_about_to_be_marked(file) => Blank::Fresh,
        // An administrator may have made the file, for all users to lock.
        Opened::Nowhere | Opened::Unknown | Opened::Untold => Blank::Left,
    }
}

/// How often is looked for the mark of a creator, where nothing tells that one has the file open.
const LOOKS: u32 = 50;

/// Whether a contender of this crate has created the file. Between its creating the file and its saying so,
/// we may have been the first to lock it.
fn is_about_to_be_marked(file: &File) -> bool {
    (0..LOOKS).any(|_| {
        std::thread::yield_now();
        sys::is_marked(file, Mark::Creates).unwrap_or(false)
    })
}
