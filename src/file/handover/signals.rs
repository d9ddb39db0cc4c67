//! What becomes of a lock when a signal ends the process.
//!
//! The thread that takes the signal has a twin of the possession: the same file, under another
//! descriptor, and the same title, which lets only one of the two act. It is dropped as the original
//! would be.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Op, Result, failed};
use crate::file::before::Before;
use crate::file::exclusion::Exclusion;
use crate::file::held::Held;
use crate::file::release::Stage;
use crate::signals::{self, LastAct};

/// The twin of a possession, if there is one.
#[derive(Clone, Debug)]
pub(in crate::file) struct Will<E: Exclusion>(Option<Arc<Twin<E>>>);

#[derive(Debug)]
struct Twin<E: Exclusion>(Mutex<Option<Held<E>>>);

impl<E: Exclusion> Default for Will<E> {
    fn default() -> Self {
        Self(None)
    }
}

impl<E: Exclusion> LastAct for Twin<E> {
    fn act(&self) {
        let twin = self.lock().take();
        drop(twin);
    }
}

impl<E: Exclusion> Twin<E> {
    fn lock(&self) -> MutexGuard<'_, Option<Held<E>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts `next` in the place of the twin, which does nothing more.
    fn become_of(&self, next: Option<Held<E>>) {
        if let Some(mut former) = std::mem::replace(&mut *self.lock(), next) {
            former.stage = Stage::Released;
            former.title = None;
        }
    }
}

impl<E: Exclusion> Held<E> {
    /// Has the lock released when a signal ends this process.
    pub(in crate::file) fn release_on_signals(&mut self) -> Result<()> {
        let twin = Arc::new(Twin(Mutex::new(None)));
        let act = Arc::downgrade(&twin);
        signals::before_the_end(act).map_err(failed(Op::Watch, &self.path))?;
        self.will = Will(Some(twin));
        self.write_will();
        Ok(())
    }

    /// Has the twin be as this possession is now. If there is no descriptor left for it, a signal
    /// leaves the lockfile to be recovered.
    pub(in crate::file) fn write_will(&self) {
        if let Will(Some(twin)) = &self.will {
            twin.become_of(self.twin().ok());
        }
    }

    /// The possession has ended, or is another process's.
    pub(in crate::file) fn disinherit(&mut self) {
        if let Will(Some(twin)) = std::mem::take(&mut self.will) {
            twin.become_of(None);
        }
    }

    fn twin(&self) -> io::Result<Self> {
        Ok(Self {
            file: self.file.twin()?,
            path: self.path.clone(),
            process: self.process,
            title: self.title,
            passed: self.passed,
            acquired: None,
            exclusion: self.exclusion.clone(),
            format: self.format,
            keep_file: self.keep_file,
            record: self.record.clone(),
            before: Before::default(),
            part: self.part,
            stage: self.stage,
            post: self.post.clone(),
            will: Will::default(),
        })
    }
}
