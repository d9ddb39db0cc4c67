//! A record that is whole before anybody finds it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::backend::Primitive;
use crate::error::{Error, Op, Result, failed};
use crate::file::at_name::bears;
use crate::file::beside::{Beside, nonce};
use crate::file::content;
use crate::file::own_record::own_record;
use crate::file::turns::Turns;
use crate::nonce::fresh;
use crate::record::{Content, Format, Record};
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, FileId, Kind};

/// A name that is removed when it is dropped.
#[derive(Debug)]
pub(in crate::file) struct Name(pub(in crate::file) PathBuf);

impl Drop for Name {
    fn drop(&mut self) {
        // Whoever finds it left behind sweeps it up.
        let _ = sys::unlink(&self.0);
    }
}

/// A whole record in a file of its own, to be linked.
#[derive(Debug)]
pub(in crate::file) struct Draft {
    /// Before the name, so that it is closed when that is removed: see [`settle`](Self::settle).
    file: File,
    name: Name,
    backend: String,
    id: FileId,
    /// Whether it lies where a file has one number, whatever name leads to it.
    is_local: bool,
    record: Record,
    bytes: Vec<u8>,
}

/// What came of linking.
#[derive(Debug)]
pub(in crate::file) enum Link {
    /// The name leads to the record now, and this is the file's number there.
    Made(FileId),
    /// It leads to something else.
    Taken,
    /// Somebody has swept the draft up; that takes nothing from us but the work.
    Swept,
}

/// What was linked.
pub(in crate::file) struct Settled {
    pub(in crate::file) file: File,
    pub(in crate::file) record: Record,
    pub(in crate::file) len: usize,
}

impl Draft {
    /// The draft that is there already, or a new one.
    pub(in crate::file) fn take_or_write(
        draft: &mut Option<Self>,
        primitive: Primitive<'_>,
        settings: &Settings,
        path: &Path,
    ) -> Result<Self> {
        draft.take().map_or_else(|| Self::write(primitive, settings, path), Ok)
    }

    /// Writes the record of an acquisition of the lockfile at `path`.
    fn write(primitive: Primitive<'_>, settings: &Settings, path: &Path) -> Result<Self> {
        let own = |id| own_record(primitive, settings, id, None, false);
        let name = primitive.name.unwrap_or_default();
        Self::create(path, name, settings.mode, settings.format, own)
    }

    /// Writes the record that `of` says, beside the lockfile at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], about the lockfile. Nothing is left behind.
    pub(in crate::file) fn create(
        path: &Path,
        backend: &str,
        mode: u32,
        format: Format,
        of: impl Fn(FileId) -> Record,
    ) -> Result<Self> {
        let mut turns = Turns::new(path);
        loop {
            turns.take()?;
            let name = Beside::Draft.of(path, &fresh(std::process::id(), sys::wall_clock()));
            let file = sys::create_new(&name, mode).map_err(failed(Op::Create, path))?;
            let name = Name(name);
            // A holder sweeps up a draft that is empty yet. On FUSE, any call may then fail.
            let id = match sys::stat(&file) {
                Err(err) if sys::is_gone(&err) => continue,
                stat => stat.map_err(failed(Op::Inspect, path))?.id,
            };
            let file_system = sys::file_system(&file).ok().and_then(|it| it.kind);
            let record = Record { file_system, ..of(id) };
            let bytes = format.encode(&record, 0);
            let (backend, is_local) =
                (backend.to_owned(), matches!(sys::is_local(&file), Ok(Some(true))));
            let draft = Self { file, name, backend, id, is_local, record, bytes };
            if !sabotage::without(Guard::Complete) {
                match draft.fill() {
                    Err(err) if sys::is_gone(&err) => continue,
                    filled => filled.map_err(failed(Op::Write, path))?,
                }
            }
            return Ok(draft);
        }
    }

    /// H1. On the disk as well: a machine that fails after the link, and before the record has
    /// reached the disk, would come back with an empty lockfile; and another host would see one.
    fn fill(&self) -> io::Result<()> {
        sys::write_over_start(&self.file, &self.bytes, |_| {})?;
        self.file.sync_data()
    }

    /// Without [`Guard::Complete`], writes the record into a file that others find already.
    pub(in crate::file) fn complete_late(&self) {
        if sabotage::without(Guard::Complete) {
            let _ = self.fill();
        }
    }

    /// H2: gives the record the `name`, unless that is taken.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] on a file system without hard links. [`Error::Io`].
    pub(in crate::file) fn link(&self, name: &Path) -> Result<Link> {
        let linked = sys::link(&self.name.0, name);
        // The answer is not believed, but looked up: over NFS the one to a link that was made can get
        // lost, and the repeated request be told that the name exists. (The number of names would
        // not do: a backup by hard links adds to it, and some FUSE file systems do not count.)
        let found = self.is_at(name).inspect_err(|_| {
            if linked.is_ok() {
                // Nobody else removes it while we live, and nobody will release what we are told we
                // do not have.
                let _ = sys::unlink(name);
            }
        });
        if let Some(id) = found? {
            return Ok(Link::Made(id));
        }
        let err = match linked {
            Ok(()) => return Ok(Link::Taken),
            Err(err) => err,
        };
        if matches!(err.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::Interrupted) {
            return Ok(Link::Taken);
        }
        // No other error is believed before the names are looked at: FUSE passes on what its server
        // says, and that may have one word for everything (SSH_FX_FAILURE).
        if sys::path_stat(name).is_ok_and(|named| named.is_some()) {
            return Ok(Link::Taken);
        }
        if self.is_swept() {
            return Ok(Link::Swept);
        }
        // Between the answer and the look, the file that was in the way may have been removed; or ours,
        // by a holder who sweeps up claims, before FUSE had looked for what it had linked.
        let may_be_over = sys::is_linkless(&err) || sys::is_gone(&err);
        if may_be_over && self.can_be_linked() {
            return Ok(Link::Taken);
        }
        match err.kind() {
            _ if sys::is_linkless(&err) => Err(Error::Unsupported {
                path: name.to_owned(),
                backend: self.backend.clone(),
                remedy: "its file system makes no hard links; choose a path on one that does, or \
                    another backend",
                source: err,
            }),
            _ => Err(failed(Op::Create, name)(err)),
        }
    }

    /// The number of the file at `name`, if that is this one. By its nonce, where a file may have
    /// another number under each name, as on FUSE; or where the number may be remembered from a file
    /// that was removed on another host, and be used again for this one.
    fn is_at(&self, name: &Path) -> Result<Option<FileId>> {
        let Some(id) = sys::path_stat(name).map_err(failed(Op::Inspect, name))?.map(|it| it.id)
        else {
            return Ok(None);
        };
        let own = nonce(&self.record).unwrap_or_default();
        let is_this = if self.is_local { id == self.id } else { bears(name, own).unwrap_or(false) };
        Ok(is_this.then_some(id))
    }

    /// Whether this file system links the draft to a name that nobody else wants.
    fn can_be_linked(&self) -> bool {
        let other = fresh(std::process::id(), sys::wall_clock());
        let other = Name(self.name.0.with_extension(other));
        sys::link(&self.name.0, &other.0).is_ok()
    }

    /// To be locked before it is linked.
    pub(in crate::file) fn file(&self) -> &File {
        &self.file
    }

    /// Whether somebody has removed the draft. Where its name may be remembered although another host
    /// has removed it, an open tells.
    fn is_swept(&self) -> bool {
        match sys::path_stat(&self.name.0) {
            Ok(None) => true,
            Ok(Some(stat)) if stat.kind == Kind::Regular && !self.is_local => {
                sys::open_to_read(&self.name.0).is_err_and(|err| sys::is_gone(&err))
            }
            Ok(Some(_)) => false,
            Err(err) => sys::is_gone(&err),
        }
    }

    /// Gives up the draft's name, and keeps what was linked to `path`, open.
    pub(in crate::file) fn settle(self, path: &Path) -> Settled {
        let Self { name, file, is_local, record, bytes, .. } = self;
        // NFS and FUSE keep a file that is open under a name of their own when it is removed, for
        // as long as it is open: so there, it is opened by the name that stays.
        let again = if is_local { None } else { opened(path, &record) };
        let file = again.unwrap_or(file);
        drop(name);
        Settled { file, record, len: bytes.len() }
    }

    /// The same, for a file that is locked: that lock is on this descriptor.
    pub(in crate::file) fn settle_locked(self) -> Settled {
        let Self { name, file, record, bytes, .. } = self;
        drop(name);
        Settled { file, record, len: bytes.len() }
    }
}

/// What is at `path`, to write to, if it is the file with `record`.
fn opened(path: &Path, record: &Record) -> Option<File> {
    sys::path_stat(path).ok().flatten().filter(|stat| stat.kind == Kind::Regular)?;
    let file = sys::open_to_write(path).ok()?;
    // Since it was linked, an operator may have broken the lock, and another may hold it.
    match content::whole(&file, path) {
        Ok(Content::Record(found)) if found.nonce == record.nonce => Some(file),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Scope;

    const PRIMITIVE: Primitive<'static> =
        Primitive { name: Some("hardlink"), freed_at_death: false, scope: Scope::Network };

    /// As on a FUSE file system that gives a file another number under each name.
    #[test]
    fn a_link_is_known_by_its_nonce_where_numbers_say_nothing() {
        let dir = std::env::temp_dir().join(fresh(std::process::id(), sys::wall_clock()));
        std::fs::create_dir(&dir).unwrap();
        let path = dir.join("lock");
        let settings = Settings::new(path.clone());
        let mut draft = Draft::write(PRIMITIVE, &settings, &path).unwrap();
        let number = draft.id;
        draft.id = sys::directory(&dir).unwrap();
        draft.is_local = false;
        assert!(matches!(draft.link(&path), Ok(Link::Made(id)) if id == number));
        // As where the answer got lost.
        assert!(matches!(draft.link(&path), Ok(Link::Made(id)) if id == number));
        let mut other = Draft::write(PRIMITIVE, &settings, &path).unwrap();
        assert!(matches!(other.link(&path), Ok(Link::Taken)));
        // As where the number of a file that another host has removed is remembered, and used again.
        (other.id, other.is_local) = (number, false);
        assert!(matches!(other.link(&path), Ok(Link::Taken)));
        let Settled { file, record, len } = draft.settle(&path);
        assert_eq!(sys::stat(&file).unwrap().id, number);
        assert_eq!(sys::stat(&file).unwrap().len, len as u64);
        assert!(bears(&path, &record.nonce.unwrap()).unwrap());
        // There are systems where a file that was removed goes with its last handle.
        drop((other, file));
        assert_eq!(sys::names_in(&dir).unwrap(), ["lock"]);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
