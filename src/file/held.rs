//! A lockfile that is held, from the writing of the record to the release.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backend::Primitive;
use crate::error::{Error, Op, Result, failed};
use crate::file::before::Before;
use crate::file::exclusion::Exclusion;
#[cfg(feature = "signals")]
use crate::file::handover::signals::Will;
use crate::file::handover::title::Title;
use crate::file::locked_file::{LockedFile, Written};
use crate::file::place::{self, Proof, Signature};
use crate::file::release::Stage;
use crate::identity::Identity;
use crate::lookout::Post;
use crate::record::{Content, Format, READ_LIMIT, Record};
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, FileId, FileSystem, Generation};
use crate::threads::{self, Token};

/// The possession of a lockfile by the process that acquired it. Dropping it releases, except in a
/// forked child, whose copy does nothing but close its descriptor.
#[derive(Debug)]
pub(in crate::file) struct Held<E: Exclusion> {
    pub(in crate::file) file: LockedFile,
    /// Absolute, so that a later `chdir` does not make it another path.
    pub(in crate::file) path: PathBuf,
    /// The process that acquired it; a forked child is another.
    pub(in crate::file) process: Generation,
    /// What it has in common with those that it forks.
    pub(in crate::file) title: Option<Title>,
    /// Whether another program may have inherited it.
    pub(in crate::file) passed: bool,
    /// That this thread acquired it, until it is released.
    pub(in crate::file) acquired: Option<Token>,
    pub(in crate::file) exclusion: E,
    pub(in crate::file) format: Format,
    pub(in crate::file) keep_file: bool,
    pub(in crate::file) record: Record,
    pub(in crate::file) before: Before,
    pub(in crate::file) part: Part,
    pub(in crate::file) stage: Stage,
    /// Where it is watched from, if anybody asked for that.
    pub(in crate::file) post: Option<Arc<Post>>,
    #[cfg(feature = "signals")]
    pub(in crate::file) will: Will<E>,
}

/// What part a holder has in the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Part {
    /// It has it alone.
    Whole,
    /// It shares it, and is the one whom the record names.
    Spokesman,
    /// It shares it.
    Sharer,
}

/// What a new possession is made of.
pub(in crate::file) struct Start {
    pub(in crate::file) file: LockedFile,
    /// Absolute.
    pub(in crate::file) path: PathBuf,
    pub(in crate::file) record: Record,
    pub(in crate::file) part: Part,
    pub(in crate::file) before: Before,
}

impl<E: Exclusion> Held<E> {
    /// The possession of this process, which has just acquired it.
    pub(in crate::file) fn new(settings: &Settings, exclusion: E, start: Start) -> Self {
        let mut held = Self::of_nobody(settings, exclusion, start);
        held.belong(Generation::current());
        held
    }

    /// The same, as long as it is another process's.
    pub(in crate::file) fn of_nobody(settings: &Settings, exclusion: E, start: Start) -> Self {
        let Start { file, path, record, part, before } = start;
        Self {
            file,
            path,
            process: Generation::NONE,
            title: None,
            passed: false,
            acquired: None,
            exclusion,
            format: settings.format,
            keep_file: settings.keep_file,
            record,
            before,
            part,
            stage: Stage::Held,
            post: None,
            #[cfg(feature = "signals")]
            will: Will::default(),
        }
    }

    /// From here on it is this process's, which is `process`, and the lock is this thread's.
    pub(in crate::file) fn belong(&mut self, process: Generation) {
        self.process = process;
        self.title = Title::new();
        self.passed = false;
        self.acquired = Some(threads::note(self.file.id, process));
    }

    /// Whether this process, and not one that forked it or was forked by it, holds the lock.
    pub(in crate::file) fn is_own(&self) -> bool {
        self.is_acquirer() && !self.has_passed()
    }

    pub(in crate::file) fn file_system(&self) -> FileSystem {
        self.file.file_system
    }

    pub(in crate::file) fn is_acquirer(&self) -> bool {
        self.process == Generation::current()
    }

    pub(in crate::file) fn path(&self) -> &Path {
        &self.path
    }

    /// The record in the file, if it is ours.
    pub(in crate::file) fn record(&self) -> Option<&Record> {
        (self.part != Part::Sharer).then_some(&self.record)
    }

    /// Checks that the path still names the locked file, and that this holds what we wrote.
    ///
    /// # Errors
    ///
    /// [`Error::RogueDeletion`], [`Error::Overwritten`]; [`Error::DescriptorClosed`].
    pub(in crate::file) fn verify(&self) -> Result<()> {
        self.check_descriptor()?;
        self.verify_name()?;
        self.check_content()
    }

    /// Checks that the path still names the locked file.
    pub(in crate::file) fn verify_name(&self) -> Result<()> {
        if let Some(linked) = self.linked_name() {
            return place::verify(&self.path, self.file.id, Proof::Linked(&linked));
        }
        let signature = (!self.file.file_system.one_view).then(|| self.signature()).flatten();
        let proof = signature.as_ref().map_or(Proof::Number, Proof::Content);
        place::verify(&self.path, self.file.id, proof)
    }

    /// Checks that the descriptor is that of the locked file; how many names that has.
    pub(in crate::file) fn check_descriptor(&self) -> Result<u64> {
        if sabotage::without(Guard::Descriptor) {
            return Ok(1);
        }
        match self.file.stat().map_err(failed(Op::Inspect, &self.path))? {
            Some(names) => Ok(names),
            None => Err(Error::DescriptorClosed { path: self.path.clone() }),
        }
    }

    /// Checks that nobody has written over what we wrote. Those who share the lock take turns in
    /// writing.
    pub(in crate::file) fn check_content(&self) -> Result<()> {
        if self.part != Part::Whole || sabotage::without(Guard::Content) {
            return Ok(());
        }
        match self.file.written(&self.path, |content| self.is_own_content(content))? {
            Written::Ours => Ok(()),
            Written::Overwritten => Err(Error::Overwritten { path: self.path.clone() }),
        }
    }

    fn is_own_content(&self, content: &Content) -> bool {
        match (content, self.signature()) {
            (Content::Record(record), Some(signature)) => signature.is_that_of(record),
            // An earlier try to release has written that already.
            (Content::Released, _) => self.record.released_at.is_some(),
            (_, None) => true,
            _ => false,
        }
    }

    /// What our record has and no other; `None` where those who share the lock take turns in writing.
    pub(in crate::file) fn signature(&self) -> Option<Signature> {
        let nonce = || self.record.nonce.clone();
        (self.part == Part::Whole).then(|| Signature {
            pid: self.record.pid,
            nonce: self.format.keeps_json().then(nonce).flatten(),
        })
    }

    /// Whether the file is ours to remove, and a removed name is gone for everyone at once.
    ///
    /// On a network or FUSE file system, another client finds a removed file under its name for a
    /// while, locks it, and sees the name lead to it (I2): then there are two holders. So there the
    /// file stays, and says that it is released. What others have made, they may have open.
    pub(in crate::file) fn may_be_removed(&self) -> bool {
        let one_view = self.file.file_system.one_view || sabotage::without(Guard::OneView);
        one_view && (!self.record.found || sabotage::without(Guard::Found))
    }

    /// Rewrites the record with another message, or the like.
    ///
    /// # Errors
    ///
    /// The record is what it was.
    pub(in crate::file) fn rewrite(&mut self, change: impl FnOnce(&mut Record)) -> Result<()> {
        self.act(|held| held.change_record(change))
    }

    fn change_record(&mut self, change: impl FnOnce(&mut Record)) -> Result<()> {
        self.check_descriptor()?;
        let post = self.post.clone();
        // Nobody reads meanwhile, and takes a part of the old and a part of the new for another's.
        let _still = post.as_deref().map(Post::hold_still);
        let _others = E::before_change(self)?;
        let earlier = self.record.clone();
        change(&mut self.record);
        if self.part == Part::Sharer {
            return Ok(());
        }
        let result = self.write();
        if result.is_err() {
            // A part of the new record may be in the file. The old one has the room that it had.
            self.record = earlier;
            let _ = self.write();
        }
        // FUSE and NFS refuse to write to a file that somebody has removed.
        if matches!(&result, Err(Error::Io { source, .. }) if sys::is_gone(source)) {
            self.verify()?;
        }
        result
    }

    /// I4: writes the record over whatever the file holds.
    pub(in crate::file) fn write(&mut self) -> Result<()> {
        let bytes = self.format.encode(&self.record, self.file.len.min(READ_LIMIT));
        let mut result = self.file.overwrite(bytes);
        if E::IS_THE_NAME {
            // For readers on other hosts.
            result = result.and_then(|()| self.file.sync_data());
        }
        result.map_err(failed(Op::Write, &self.path))
    }
}

/// What this process writes about itself into the lockfile `file`.
pub(in crate::file) fn own_record(
    primitive: Primitive<'_>,
    settings: &Settings,
    file: FileId,
    file_system: Option<u64>,
    shared: bool,
) -> Record {
    Record {
        message: settings.message.clone().filter(|message| !message.is_empty()),
        phase: settings.phase,
        device: Some(file.device()),
        file_system,
        backend: primitive.name.map(str::to_owned),
        shared,
        ..Identity::current().record()
    }
}
