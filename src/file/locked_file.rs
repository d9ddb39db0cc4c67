//! The file of a possession: the descriptor that has the lock, and what was written by it.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use crate::error::{Op, Result, failed};
use crate::file::content;
use crate::record::Content;
use crate::sabotage::{self, Guard};
use crate::sys::{self, FileId, FileSystem};

/// The lockfile, open and locked.
///
/// A program can close this descriptor behind our back (a daemon closes "everything from 3 on") and
/// open another file, which gets the same number. So before it is written to, unlocked, cut or closed,
/// the descriptor is seen to be the locked file still.
#[derive(Debug)]
pub(in crate::file) struct LockedFile {
    /// Always there, but for the end of a drop.
    file: Option<File>,
    pub(in crate::file) id: FileId,
    pub(in crate::file) file_system: FileSystem,
    /// The length of the file, which a rewrite covers whole.
    pub(in crate::file) len: usize,
    /// What we have written last, if it is known.
    written: Option<Vec<u8>>,
    /// Whether nothing can have become of the descriptor since it was last seen to be ours.
    seen: bool,
}

/// What has become of the content since we wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Written {
    /// It is what we wrote, or that cannot be told.
    Ours,
    /// Somebody wrote something else over it.
    Overwritten,
}

impl LockedFile {
    pub(in crate::file) fn new(file: File, id: FileId, len: u64) -> Self {
        // What cannot be asked is not known to be local.
        let file_system = sys::file_system(&file).unwrap_or_default();
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        Self { file: Some(file), id, file_system, len, written: None, seen: false }
    }

    /// Another descriptor of the same open file.
    #[cfg(feature = "signals")]
    pub(in crate::file) fn twin(&self) -> io::Result<Self> {
        let Self { id, file_system, len, .. } = *self;
        let written = self.written.clone();
        Ok(Self { file: Some(self.try_clone()?), id, file_system, len, written, seen: false })
    }

    /// Whether the descriptor still is that of the locked file.
    pub(in crate::file) fn is_open(&self) -> bool {
        sabotage::without(Guard::Descriptor) || self.stat().is_ok_and(|names| names.is_some())
    }

    /// How many names the file has; `None` if the descriptor is not its own any more.
    pub(in crate::file) fn stat(&self) -> io::Result<Option<u64>> {
        match sys::stat(self) {
            Ok(stat) if self.id.may_be(stat.id) => Ok(Some(stat.names)),
            // Through FUSE, an open file can show the number of the file that has its name now.
            Ok(stat) if !self.file_system.one_view && stat.id.device() == self.id.device() => {
                Ok(Some(stat.names))
            }
            Ok(_) => Ok(None),
            // Removed, and nobody knows it any more.
            Err(err) if !self.file_system.one_view && sys::is_gone(&err) => Ok(Some(0)),
            Err(err) if sys::is_closed(&err) => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// Learns the length that others have given the file.
    pub(in crate::file) fn measure(&mut self) -> io::Result<()> {
        self.len = usize::try_from(sys::stat(self)?.len).unwrap_or(usize::MAX);
        Ok(())
    }

    /// I4: writes `bytes` over whatever the file holds.
    pub(in crate::file) fn overwrite(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.written = None;
        if self.len > bytes.len() {
            // Longer than any record of this format, so a number would be left standing after the
            // new one: cut first. A crash in between leaves an empty file, which is taken over.
            self.set_len(0)?;
            self.len = 0;
        }
        let mut len = self.len;
        let result = sys::write_over_start(self, &bytes, |written| len = len.max(written));
        self.len = len;
        result?;
        self.written = Some(bytes);
        Ok(())
    }

    /// Whether the file holds what we wrote; `is_ours` judges a record that is not the same bytes.
    pub(in crate::file) fn written(
        &self,
        path: &Path,
        is_ours: impl FnOnce(&Content) -> bool,
    ) -> Result<Written> {
        // One read tells: a shorter one is followed by others below.
        let mut found = vec![0; self.len + 1];
        let length = sys::read_at(self, &mut found, 0).map_err(failed(Op::Read, path))?;
        let same = self.written.as_deref() == Some(&found[..length]);
        // Another thread, or a process that has a copy of the descriptor, may have written for us.
        if same || is_ours(&content::whole(self, path)?) {
            return Ok(Written::Ours);
        }
        Ok(Written::Overwritten)
    }

    /// Makes this the file in place of the one that it was.
    pub(in crate::file) fn replace(&mut self, file: File, id: FileId, len: u64) {
        *self = Self::new(file, id, len);
    }

    /// Says that the next drop needs no look at the descriptor.
    pub(in crate::file) fn trust(&mut self) {
        self.seen = true;
    }
}

impl Deref for LockedFile {
    type Target = File;

    fn deref(&self) -> &File {
        match &self.file {
            Some(file) => file,
            None => unreachable!("only the drop takes it"),
        }
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        if !self.seen && !self.is_open() {
            // The number is another file's now, which is not ours to close.
            std::mem::forget(self.file.take());
        }
    }
}
