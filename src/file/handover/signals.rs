//! What becomes of a lock when a signal ends the process.
//!
//! The thread that takes the signal has a twin of the possession: the same file, under another
//! descriptor, and the same title, which lets only one of the two act. It is dropped as the original
//! would be.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Op, Result, failed};
use crate::file::before::Before;
use crate::file::held::{Exclusion, Follow, Held};
use crate::file::stage::Stage;
use crate::signals::{self, LastAct};

#[derive(Debug)]
struct Twin<E: Exclusion>(Mutex<Option<Held<E>>>);

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
}

impl<E: Exclusion> Follow<E> for Twin<E> {
    /// What was the twin before does nothing more. If there is no descriptor left for the next, a signal
    /// leaves the lockfile to be recovered.
    fn follow(&self, held: Option<&Held<E>>) {
        let next = held.and_then(|held| held.twin().ok());
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
        self.twin = Some(twin);
        self.tell_twin();
        Ok(())
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
            twin: None,
        })
    }
}
