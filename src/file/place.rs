//! Where a lockfile is that this process holds, and what tells that it is still ours.

use std::path::{Path, PathBuf};

use crate::error::{Error, Op, Result, failed};
use crate::file::at_name::bears;
use crate::file::content;
use crate::file::handover::title::Title;
use crate::loss::Loss;
use crate::record::{Content, Record};
use crate::sys::{self, FileId, Stat};

/// What proves that a path names our file.
#[derive(Clone, Copy, Debug)]
pub(in crate::file) enum Proof<'a> {
    /// Its number: on a file system with one view of its names.
    Number,
    /// What it says, to whoever opens it anew: elsewhere, where a name is answered from a cache, and
    /// where an open file can show the number of another.
    Content(&'a Signature),
    /// The nonce, where the name is the lock.
    Linked(&'a Linked),
}

/// Checks that `path` still names the file `id`.
///
/// # Errors
///
/// [`Error::RogueDeletion`] if not; [`Error::Io`] if that could not be told.
pub(in crate::file) fn verify(path: &Path, id: FileId, proof: Proof<'_>) -> Result<()> {
    let named = match sys::path_stat(path) {
        Err(err) if sys::is_gone(&err) => None,
        named => named.map_err(failed(Op::Inspect, path))?,
    };
    let replaced = match named {
        Some(stat) if is_ours(path, stat, id, proof) => return Ok(()),
        Some(stat) => stat.id != id || stat.names > 0,
        None => false,
    };
    Err(Error::RogueDeletion { path: path.to_owned(), replaced })
}

/// Whether what is at the path, as `stat` has it, is the lockfile that we hold.
fn is_ours(path: &Path, stat: Stat, id: FileId, proof: Proof<'_>) -> bool {
    // Without a name of its own, a file can still be mounted here: it is removed all the same.
    let same = stat.id == id && stat.names > 0;
    match proof {
        // Another host may have replaced it, while this one remembers its number: on NFS for a
        // minute (nfs(5), `acdirmax`). And FUSE may number a file anew, once it has forgotten it.
        // What an open finds is asked for.
        Proof::Linked(Linked { nonce, local }) if !(same && *local) => {
            bears(path, nonce).unwrap_or(same)
        }
        Proof::Content(signature) => match content::opened(path) {
            Ok(Some(Content::Record(record))) => signature.is_that_of(&record),
            Ok(None) => false,
            // Overwritten, or cut short: the number has to do.
            Ok(Some(_)) | Err(_) => same,
        },
        Proof::Number | Proof::Linked(_) => same,
    }
}

/// What is known by its nonce, because its name is the lock.
#[derive(Clone, Debug)]
pub(in crate::file) struct Linked {
    pub(in crate::file) nonce: String,
    /// Whether it lies where a file has one number.
    pub(in crate::file) local: bool,
}

/// The place of a lockfile, for whoever watches it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(in crate::file) path: PathBuf,
    pub(in crate::file) id: FileId,
    pub(in crate::file) linked: Option<Linked>,
    /// Whether its file system has one view of its names.
    pub(in crate::file) one_view: bool,
    pub(in crate::file) signature: Option<Signature>,
    pub(in crate::file) title: Option<Title>,
}

/// What our record has and no other. A possession that leaves the record to others has none.
#[derive(Clone, Debug)]
pub(in crate::file) struct Signature {
    pub(in crate::file) pid: u32,
    /// `None` where the format keeps none.
    pub(in crate::file) nonce: Option<String>,
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What somebody has done to the lockfile; `None` if nothing, and where that cannot be told:
    /// doubt loses no lock either.
    pub(crate) fn loss(&self) -> Option<Loss> {
        let loss = self.change();
        // Perhaps the doing of its next holder, who was forked here. Asked last: between the question
        // and the look it might have become one.
        loss.filter(|_| !self.title.is_some_and(Title::is_contested))
    }

    fn change(&self) -> Option<Loss> {
        let proof = match (&self.linked, &self.signature) {
            (Some(linked), _) => Proof::Linked(linked),
            // Where it is overwritten, that is to be told, and not that it is replaced.
            (None, _) => Proof::Number,
        };
        match verify(&self.path, self.id, proof) {
            Ok(()) => self.is_overwritten().then_some(Loss::Overwritten),
            Err(Error::RogueDeletion { replaced: true, .. }) => Some(Loss::Replaced),
            Err(Error::RogueDeletion { .. }) => Some(Loss::Removed),
            Err(_) => None,
        }
    }

    fn is_overwritten(&self) -> bool {
        let Some(signature) = &self.signature else { return false };
        let Ok(file) = sys::open_to_read(&self.path) else { return false };
        let other = || sys::stat(&file).map_or(true, |stat| stat.id != self.id);
        if self.linked.is_none() && self.one_view && other() {
            // Replaced since it was verified, which the next look tells.
            return false;
        }
        match content::whole(&file, &self.path) {
            Ok(Content::Record(record)) => !signature.is_that_of(&record),
            Ok(_) => true,
            Err(_) => false,
        }
    }
}

impl Signature {
    pub(in crate::file) fn is_that_of(&self, record: &Record) -> bool {
        record.pid == self.pid && (self.nonce.is_none() || record.nonce == self.nonce)
    }
}
