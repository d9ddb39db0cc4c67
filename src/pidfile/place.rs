//! Where a lockfile is that this process holds, and what tells that it is still ours.

use std::path::{Path, PathBuf};

use super::{linked, reading};
use crate::error::{Error, Op, Result, failed};
use crate::loss::Loss;
use crate::record::{Content, Record};
use crate::sys::{self, FileId};

/// Checks that `path` still names the file `id`. `nonce`: that of our record, where the name is the
/// lock, and tells whose it is.
///
/// # Errors
///
/// [`Error::RogueDeletion`] if not; [`Error::Io`] if that could not be told.
pub(super) fn verify(path: &Path, id: FileId, nonce: Option<&str>) -> Result<()> {
    let named = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
    let replaced = match named {
        // Without a name of its own, a file can still be mounted here: it is removed all the same.
        Some(stat) if stat.id == id && stat.names > 0 => return Ok(()),
        // A file system may number a file anew, once it has forgotten it.
        Some(_) if nonce.is_some_and(|nonce| linked::bears(path, nonce)) => return Ok(()),
        Some(stat) => stat.id != id,
        None => false,
    };
    Err(Error::RogueDeletion { path: path.to_owned(), replaced })
}

/// The place of a lockfile, for whoever watches it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(super) path: PathBuf,
    pub(super) id: FileId,
    /// See [`verify`].
    pub(super) linked: Option<String>,
    pub(super) signature: Option<Signature>,
}

/// What our record has and no other. A possession that leaves the record to others has none.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) pid: u32,
    /// `None` where the format keeps none.
    pub(super) nonce: Option<String>,
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What somebody has done to the lockfile; `None` if nothing, and where that cannot be told:
    /// doubt loses no lock either.
    pub(crate) fn loss(&self) -> Option<Loss> {
        match verify(&self.path, self.id, self.linked.as_deref()) {
            Ok(()) => self.is_overwritten().then_some(Loss::Overwritten),
            Err(Error::RogueDeletion { replaced: true, .. }) => Some(Loss::Replaced),
            Err(Error::RogueDeletion { .. }) => Some(Loss::Removed),
            Err(_) => None,
        }
    }

    fn is_overwritten(&self) -> bool {
        let Some(signature) = &self.signature else { return false };
        let Ok(file) = sys::open_to_read(&self.path) else { return false };
        if sys::stat(&file).map_or(true, |stat| stat.id != self.id) && self.linked.is_none() {
            // Replaced since it was verified, which the next look tells.
            return false;
        }
        match reading::whole(&file, &self.path) {
            Ok(Content::Record(record)) => !signature.is_that_of(&record),
            Ok(_) => true,
            Err(_) => false,
        }
    }
}

impl Signature {
    fn is_that_of(&self, record: &Record) -> bool {
        record.pid == self.pid && (self.nonce.is_none() || record.nonce == self.nonce)
    }
}
