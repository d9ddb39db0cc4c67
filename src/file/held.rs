//! A lockfile that is held, from the writing of the record to the release.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backend::Passing;
use crate::error::{Error, Op, Result, failed};
use crate::file::before::Before;
use crate::file::draft::{Draft, Settled};
use crate::file::handover::title::Title;
use crate::file::locked_file::{LockedFile, Written};
use crate::file::place::{self, Proof, Signature};
use crate::file::stage::{Left, Stage};
use crate::lookout::Post;
use crate::record::{Content, Format, READ_LIMIT, Record};
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, FileSystem, Generation};
use crate::threads::{self, Token};

/// How the holder of a lockfile excludes others: by a lock of the kernel's on the file, or by the name.
pub(in crate::file) trait Exclusion:
    Clone + Debug + Send + Sync + Sized + 'static
{
    /// Whether the name itself is the lock: then the nonce tells our name from another's, and what is
    /// written is flushed, for readers on other hosts.
    const IS_THE_NAME: bool;

    /// What others must not do while the record changes, until this is dropped.
    type Change;

    /// The name that errors give it.
    fn name(&self) -> &str;

    /// What the lock can do for those who pass it on to another process.
    fn passing(&self) -> Option<&dyn Passing> {
        None
    }

    /// Whether the lock goes with the descriptor to a program that inherits it.
    fn goes_with_descriptor(&self) -> bool {
        false
    }

    /// Prepares a change of the record in place.
    fn before_change(held: &Held<Self>) -> Result<Self::Change>;

    /// Removes the lockfile, which has `names`, or marks it as released. It was seen to be ours.
    fn vacate(held: &mut Held<Self>, names: u64) -> Result<Left>;

    /// Unlocks, also for the copies of the descriptor in forked children.
    fn unlock(held: &Held<Self>) -> io::Result<()>;

    /// Whether a lock that is left after the lockfile has gone is in the way of others.
    fn outlasts_the_name(&self) -> bool;

    /// Gives the new lockfile `to` its name by `put`, so that it is locked from the moment when others
    /// find it. `put` says whether it has the name.
    fn put_back(
        held: &Held<Self>,
        to: &File,
        path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()>;

    /// What becomes of a draft that has been given the name `path`.
    fn settle(draft: Draft, path: &Path) -> Settled;
}

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
    /// Is told what the possession has become, or that it has ended.
    #[cfg(feature = "signals")]
    pub(in crate::file) twin: Option<Arc<dyn Follow<E>>>,
}

/// What goes by what a possession becomes.
#[cfg(feature = "signals")]
pub(in crate::file) trait Follow<E: Exclusion>: Debug + Send + Sync {
    /// `None`: it has ended, or is another process's.
    fn follow(&self, held: Option<&Held<E>>);
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
            twin: None,
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

    /// Has the twin be as this possession is now.
    #[cfg(feature = "signals")]
    pub(in crate::file) fn tell_twin(&self) {
        if let Some(twin) = &self.twin {
            twin.follow(Some(self));
        }
    }

    /// The possession has ended, or is another process's.
    #[cfg(feature = "signals")]
    pub(in crate::file) fn end_twin(&mut self) {
        if let Some(twin) = self.twin.take() {
            twin.follow(None);
        }
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
