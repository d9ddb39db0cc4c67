//! How a lock is asked for, and what comes of it.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::holder::Holder;
use crate::possession::Possession;
use crate::record::Content;
use crate::sabotage::{self, Guard};
use crate::sys::{FileId, Mode};
use crate::verdict::Verdict;

/// How to take a lock that is not free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Report who holds it.
    None,
    /// Wait in the backend's queue, to a deadline if that can be.
    Queue(Option<Instant>),
}

/// How to go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Approach {
    pub(crate) patience: Patience,
    /// To have the lock alone, or to share it.
    pub(crate) mode: Mode,
}

impl Approach {
    /// To have the lock alone, or not at all.
    pub(crate) const AT_ONCE: Self = Self { patience: Patience::None, mode: Mode::Exclusive };
}

/// What came of trying.
#[derive(Debug)]
pub(crate) enum Attempt {
    Acquired(Box<dyn Possession>),
    Busy(Busy),
}

/// Somebody is in the way.
#[derive(Debug)]
pub(crate) struct Busy {
    pub(crate) holder: Option<Box<Holder>>,
    pub(crate) obstacle: Obstacle,
    /// The lockfile that this was said of, to be tried again; `None` if it is to be opened anew.
    pub(crate) file: Option<File>,
}

/// What is known of the lockfile from an earlier look.
#[derive(Debug)]
pub(crate) enum Known {
    Nothing,
    /// There was one. Matters to nothing but speed, because what is tried second is tried as well.
    Exists,
    /// It is open already. Whoever waits does not open and close the file at each look: that
    /// would wake all who watch it.
    Open(File),
}

/// What is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Somebody has the lock on this file.
    Lock(FileId),
    /// Nobody has the lock; somebody reads the file, and is done in a moment.
    Reader,
    /// Nobody has the lock, but the record speaks for a holder all the same.
    Record,
    /// Nobody has the lock, the file names nobody, and a process has it open: perhaps the one that has
    /// just created it.
    Opened,
    /// The file cannot be opened until somebody has given up a lease on it.
    Lease,
}

impl Obstacle {
    /// Whether it is gone in a moment, as a rule.
    pub(crate) fn is_brief(self) -> bool {
        matches!(self, Self::Reader | Self::Opened)
    }
}

/// What a reader found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) content: Content,
    pub(crate) verdict: Verdict,
    /// Whether somebody has the backend's lock.
    pub(crate) locked: bool,
    /// The lockfile; `None` for a symbolic link, and where it would have to be opened anew.
    pub(crate) file: Option<File>,
}

impl Found {
    /// The content, unless it is not a lockfile's.
    pub(crate) fn lockfile(self, path: &Path) -> Result<Self> {
        match self.content {
            // Whoever has the lock knows what the file is for.
            Content::Invalid(reason) if !self.locked => {
                Err(Error::InvalidPid { path: path.to_owned(), reason })
            }
            _ => Ok(self),
        }
    }
}

/// What came of removing a lockfile.
#[derive(Debug)]
pub(crate) enum Removal {
    /// There was none, or it was released in good order, and stays.
    Nothing,
    /// It was removed, and this one had left it, as far as its record told.
    Of(Option<Box<Holder>>),
}

/// Whether `holder` is the incarnation that `only` names, if it names one.
pub(crate) fn check_incarnation(
    path: &Path,
    holder: Option<&Holder>,
    only: Option<&str>,
) -> Result<()> {
    let Some(only) = only.filter(|_| !sabotage::without(Guard::Incarnation)) else {
        return Ok(());
    };
    match holder {
        Some(holder) if holder.record().incarnation() == only => Ok(()),
        holder => {
            let holder = holder.cloned().map(Box::new);
            Err(Error::OtherHolder { path: path.to_owned(), holder })
        }
    }
}
