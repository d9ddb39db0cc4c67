//! Who of several processes holds a lock that they share the descriptor of.
//!
//! - **I6** Of those who have copies of the descriptor, the holder is the one whom the record names.
//!   Once there may be others, it is changed, or acted upon, only under the mark `Hands`.
//!
//! The mark is set by way of another open file description: by way of the one that they share it
//! would be the same for all of them. It goes with the death of whoever set it; then the record
//! names the one it named before, or already the next.

use std::fs::File;
use std::io;

use crate::error::{Error, Op, Result, failed};
use crate::file::handover::title::Title;
use crate::file::held::{Exclusion, Held, Part};
use crate::file::place::{self, Proof};
use crate::file::{content, lease};
use crate::record::{Content, Record};
use crate::sabotage::{self, Guard};
use crate::sys::{self, Mark};

/// The right to change the lockfile, or to release it, until this is dropped.
#[derive(Debug)]
pub(in crate::file) enum Grip {
    /// Nobody else has ever wanted it.
    Alone(Option<Title>),
    /// The record names this process, and stays as it is for as long as this is open.
    Marked { _file: File },
}

impl Drop for Grip {
    fn drop(&mut self) {
        if let Self::Alone(Some(title)) = self {
            title.put_back();
        }
    }
}

impl<E: Exclusion> Held<E> {
    /// The right to act; `None` if another process holds the lock by now.
    pub(in crate::file) fn grip(&self) -> Result<Option<Grip>> {
        match self.title {
            // Between the question who holds and what is done about it, a forked child may become the
            // holder: so it is not asked, but taken.
            Some(title) if !title.take_in_turn() && !sabotage::without(Guard::Grip) => {
                if !title.is_contested() {
                    return Ok(None);
                }
                let hands = match self.hands() {
                    // The next holder has released it already.
                    Err(Error::RogueDeletion { .. }) if !self.is_named()? => return Ok(None),
                    hands => hands?,
                };
                Ok(self.is_named()?.then_some(Grip::Marked { _file: hands }))
            }
            title => Ok(Some(Grip::Alone(title))),
        }
    }

    /// The mark, and the file that it goes with.
    ///
    /// # Errors
    ///
    /// [`Error::RogueDeletion`] if the path leads elsewhere. [`Error::Io`], also if this process may
    /// not write to the file any more.
    pub(in crate::file) fn hands(&self) -> Result<File> {
        place::verify(&self.path, self.file.id, Proof::Number)?;
        let opened = lease::open_past_leases(&self.path, sys::open_to_write)?;
        let file = opened.map_err(|err| match err.kind() {
            io::ErrorKind::NotFound => self.removed(false),
            _ => failed(Op::Open, &self.path)(err),
        })?;
        if sys::stat(&file).map_err(failed(Op::Inspect, &self.path))?.id != self.file.id {
            return Err(self.removed(true));
        }
        if !sabotage::without(Guard::Hands) {
            sys::wait_to_mark(&file, Mark::Hands).map_err(failed(Op::Lock, &self.path))?;
        }
        // Between opening and marking, its holder may have removed it, and what it says is over.
        place::verify(&self.path, self.file.id, Proof::Number)?;
        Ok(file)
    }

    fn removed(&self, replaced: bool) -> Error {
        Error::RogueDeletion { path: self.path.clone(), replaced }
    }

    /// Whether the record names what this value acquired, or its original in another process.
    pub(in crate::file) fn is_named(&self) -> Result<bool> {
        Ok(match content::whole(&self.file, &self.path)? {
            Content::Record(record) => record.released_at.is_none() && self.is_same(&record),
            _ => false,
        })
    }

    pub(in crate::file) fn is_same(&self, record: &Record) -> bool {
        let own = &self.record;
        // Some formats keep no nonce.
        record.pid == own.pid && (record.nonce.is_none() || record.nonce == own.nonce)
    }

    /// Whether the record names another by now, as far as that can be told without waiting.
    pub(in crate::file) fn has_passed(&self) -> bool {
        self.title.is_some_and(Title::is_contested) && matches!(self.is_named(), Ok(false))
    }

    /// Whether it can change hands at all.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`].
    pub(in crate::file) fn check_passing(&self) -> Result<Title> {
        self.check_goes_over()?;
        self.title.ok_or_else(|| self.cannot_pass("this process holds too many locks"))
    }

    /// The same, before it is held.
    pub(in crate::file) fn check_goes_over(&self) -> Result<()> {
        let remedy = if self.exclusion.passing().is_none() {
            "its lock belongs to the process that took it, and not to a descriptor: lock after \
             forking, or use flock"
        } else if self.part != Part::Whole {
            "it is shared: lock it again"
        } else if !matches!(sys::is_local(&self.file), Ok(Some(true))) {
            "on its file system, two processes cannot settle which of them holds it: lock after \
             forking, or choose a path on a local one"
        } else {
            return Ok(());
        };
        Err(self.cannot_pass(remedy))
    }

    fn cannot_pass(&self, remedy: &'static str) -> Error {
        Error::Unsupported {
            path: self.path.clone(),
            backend: self.exclusion.name().to_owned(),
            remedy,
            source: io::ErrorKind::Unsupported.into(),
        }
    }
}
