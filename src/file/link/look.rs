//! What a name leads to.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::at_name::read;
use crate::file::beside::nonce;
use crate::file::link::primitive::PRIMITIVE;
use crate::file::own_lock;
use crate::file::turns::Turns;
use crate::holder::Holder;
use crate::outcome::{Busy, Obstacle};
use crate::record::{Content, Record};
use crate::sabotage::{self, Guard};
use crate::settings::Foreign;
use crate::sys::{self, FileId};
use crate::verdict::{KernelLock, Verdict, Why};
use crate::{backend, probe};

/// A record at a name, and the verdict on its author.
#[derive(Debug)]
pub(in crate::file) struct Incarnation {
    holder: Box<Holder>,
    /// `None` for a symbolic link.
    file: Option<(File, FileId)>,
}

/// Looks at `path`; `None` if nothing is there. `open`: what it led to at an earlier look.
///
/// # Errors
///
/// [`Error::NotALockfile`]. [`Error::InvalidPid`] also for what is empty or torn: by H1 it is not of
/// this protocol, and without a kernel lock nothing proves that nobody is writing it.
pub(in crate::file) fn look(path: &Path, open: Option<File>) -> Result<Option<Incarnation>> {
    let is_record = |content: &Content, _: Verdict| matches!(content, Content::Record(_));
    look_until(is_record, path, open)
}

/// The same, for those who report what they see.
///
/// A record is changed in place (H6), and meanwhile a reader may get a part of the old one and a part
/// of the new (ext4 and tmpfs do not prevent it): so what speaks against its author is read until
/// two readings agree. Contenders need not. They remove nothing without a claim and another look,
/// and whoever changes a record has the claim meanwhile.
pub(in crate::file) fn observe(path: &Path, open: Option<File>) -> Result<Option<Incarnation>> {
    look_until(|_, verdict| verdict == Verdict::Live, path, open)
}

/// Looks until two looks agree, or one `suffices`.
fn look_until(
    suffices: impl Fn(&Content, Verdict) -> bool,
    path: &Path,
    mut open: Option<File>,
) -> Result<Option<Incarnation>> {
    let mut before = None;
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        let Some((content, mut file)) = read(path, open.take())? else { return Ok(None) };
        let opened = file.as_ref().map(|(file, _)| file);
        let judge = |kernel_lock| probe::verdict(&content, opened, kernel_lock, PRIMITIVE);
        let mut verdict = judge(KernelLock::Free);
        // A lock of the kernel's counts, although this backend takes none. Where the record speaks for a
        // live holder, nothing depends on it.
        let is_locked = verdict != Verdict::Live && is_locked(opened, path)?;
        if is_locked {
            verdict = judge(KernelLock::Held);
            file = file.and_then(|(file, id)| own_lock::spare(file).map(|file| (file, id)));
        }
        if !suffices(&content, verdict) && before.as_ref() != Some(&content) {
            (before, open) = (Some(content), file.map(|(file, _)| file));
            continue;
        }
        let reason = match content {
            Content::Record(record) => {
                return Ok(Some(Incarnation {
                    holder: Box::new(Holder::new(*record, verdict)),
                    file,
                }));
            }
            _ if is_locked => return Err(Error::busy(path, None)),
            Content::Invalid(reason) => reason,
            Content::Blank => "it is empty, which a lockfile of this backend never is".to_owned(),
            Content::Released => {
                "it names nobody, which a lockfile of this backend always does".to_owned()
            }
            Content::Torn => {
                "it is cut short, which a lockfile of this backend never is".to_owned()
            }
        };
        return Err(Error::InvalidPid { path: path.to_owned(), reason });
    }
}

/// Whether anybody has a lock of the kernel's on the file.
fn is_locked(file: Option<&File>, path: &Path) -> Result<bool> {
    let Some(file) = file.filter(|_| !sabotage::without(Guard::Bytes)) else { return Ok(false) };
    backend::is_locked(file).map_err(failed(Op::Lock, path))
}

impl Incarnation {
    pub(in crate::file) fn holder(&self) -> &Holder {
        &self.holder
    }

    pub(in crate::file) fn record(&self) -> &Record {
        self.holder.record()
    }

    pub(in crate::file) fn verdict(&self) -> Verdict {
        self.holder.verdict()
    }

    pub(in crate::file) fn into_file(self) -> Option<File> {
        self.file.map(|(file, _)| file)
    }

    /// By what it can be claimed.
    pub(in crate::file) fn nonce(&self) -> Option<&str> {
        self.file.as_ref().and(nonce(self.record()))
    }

    /// Whether it holds nothing, or is to be treated so.
    pub(in crate::file) fn is_vacant(&self, foreign: Foreign) -> bool {
        match self.verdict() {
            // The latter: somebody has a lock on it.
            Verdict::Live | Verdict::Unproven(Why::Outlived) => false,
            Verdict::Stale(_) => true,
            Verdict::Unproven(_) => foreign == Foreign::Break,
        }
    }

    /// The author is dead, but `obstacle` keeps us from taking over.
    pub(in crate::file) fn dead(&self, path: &Path, obstacle: &'static str) -> Error {
        let (path, holder) = (path.to_owned(), self.holder.clone());
        Error::ProcessDead { path, holder, obstacle: obstacle.into() }
    }

    /// What `err`, at making a draft, means to whoever wants to take over from a dead author.
    pub(in crate::file) fn or_dead(&self, path: &Path, err: Error) -> Error {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        match &err {
            Error::Io { op: Op::Create, source, .. }
                if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) =>
            {
                let obstacle = "it may not write to the directory; give it the right to, or \
                    remove the file";
                self.dead(path, obstacle)
            }
            _ => err,
        }
    }

    /// It cannot be claimed.
    pub(in crate::file) fn nameless(&self, path: &Path) -> Error {
        let obstacle = match &self.file {
            None => {
                "it is a symbolic link, which is never followed and never replaced; remove the \
                link"
            }
            Some(_) => {
                "its record has no nonce, and what has none cannot be claimed by one alone; \
                remove the file"
            }
        };
        self.dead(path, obstacle)
    }

    /// It is the lockfile, and its author holds the lock.
    ///
    /// The file is kept for the next look on local file systems only: on others, it takes an open
    /// to see what is there now (nfs(5), "Close-to-open cache consistency").
    pub(in crate::file) fn in_the_way(self) -> Busy {
        let (obstacle, file) = match self.file {
            None => (Obstacle::Record, None),
            Some((file, id)) => {
                let is_local = matches!(sys::is_local(&file), Ok(Some(true)));
                (Obstacle::Lock(id), Some(file).filter(|_| is_local))
            }
        };
        Busy { holder: Some(self.holder), obstacle, file }
    }

    /// It is a claim, and its author is about to take the lock over.
    pub(in crate::file) fn claims(self, name: &Path) -> Busy {
        let holder = Some(Box::new(self.claimant(name)));
        Busy { holder, obstacle: Obstacle::Record, file: None }
    }

    /// The author of the claim `name`.
    pub(in crate::file) fn claimant(self, name: &Path) -> Holder {
        self.holder.claiming(name.to_owned())
    }
}
