//! The release of a lockfile that is held.

use crate::error::{Error, Op, Result, failed};
use crate::file::handover::title::Title;
use crate::file::held::{Exclusion, Held, Part};
use crate::file::stage::{Left, Stage};
use crate::lookout::Post;
use crate::sabotage::{self, Guard};
use crate::{sys, trace};

impl<E: Exclusion> Held<E> {
    /// Releases the lock. After [`Error::Io`] it is still held, and this can be called again.
    pub(in crate::file) fn release(&mut self) -> Result<()> {
        self.act(|held| {
            let result = held.release_as_holder();
            if held.stage == Stage::Released {
                held.title.into_iter().for_each(Title::end);
            }
            result
        })
    }

    fn release_as_holder(&mut self) -> Result<()> {
        let result = match self.post.clone() {
            Some(post) => self.release_watched(&post),
            None => self.release_unwatched(),
        };
        trace::released(&self.path, &result);
        result
    }

    fn release_watched(&mut self, post: &Post) -> Result<()> {
        // Nobody looks meanwhile, and takes our own removal for another's.
        let mut watched = post.hold_still();
        let result = self.release_unwatched();
        watched.held = self.stage != Stage::Released;
        drop(watched);
        post.ring();
        result
    }

    fn release_unwatched(&mut self) -> Result<()> {
        let vacated = match self.stage {
            Stage::Held => self.vacate(),
            Stage::Vacated | Stage::Released => Ok(Left::Name),
        };
        match vacated {
            Err(err @ Error::Io { .. }) => return Err(err),
            Err(err @ Error::DescriptorClosed { .. }) => {
                // The lock went with the descriptor, and its number is another file's.
                self.acquired = None;
                self.stage = Stage::Released;
                return Err(err);
            }
            _ => {}
        }
        self.stage = Stage::Vacated;
        let unlocked = self.let_go();
        if let Ok(Left::Name) = vacated {
            return unlocked;
        }
        // Of flock(2), what is left goes with the descriptor. Any other lock may still be in the way
        // of whoever comes to the path.
        if self.exclusion.outlasts_the_name() {
            unlocked?;
        }
        // The path does not lead to our lock any more, and somebody else may hold it by now: ours
        // must not be called still held.
        self.stage = Stage::Released;
        vacated.map(drop)
    }

    /// Removes the lockfile, or marks it as released.
    fn vacate(&mut self) -> Result<Left> {
        let names = self.check_descriptor()?;
        if !sabotage::without(Guard::UnlinkCheck) {
            if let Err(err) = self.verify_name() {
                // Under another name, the file would go on saying that we hold.
                if matches!(err, Error::RogueDeletion { .. }) && self.check_content().is_ok() {
                    let _ = self.write_released();
                }
                return Err(err);
            }
            // I1. What somebody else has written is theirs, and so is the file.
            self.check_content()?;
        }
        E::vacate(self, names)
    }

    /// Unlocks, also for the copies of the descriptor that a child forked meanwhile may still have:
    /// closing alone would leave those who wait in the queue waiting for that child.
    pub(in crate::file) fn let_go(&mut self) -> Result<()> {
        // First, because as soon as the lock is free, another thread may have it.
        self.acquired = None;
        E::unlock(self).map_err(failed(Op::Unlock, &self.path))?;
        self.stage = Stage::Released;
        // The descriptor was ours a moment ago, and goes next.
        self.file.trust();
        Ok(())
    }

    pub(in crate::file) fn write_released(&mut self) -> Result<()> {
        if self.part == Part::Sharer {
            return Ok(());
        }
        self.record.released_at = Some(sys::wall_clock());
        self.write().inspect_err(|_| self.record.released_at = None)
    }
}

impl<E: Exclusion> Held<E> {
    /// Releases as far as that can be done.
    fn end(&mut self) {
        if self.release_as_holder().is_err() && self.stage != Stage::Released && self.file.is_open()
        {
            // Nobody is left to try again. The lock goes with the descriptor, and the record says
            // so if it can still be written.
            let post = self.post.clone();
            let _still = post.as_deref().map(Post::hold_still);
            let _ = self.write_released();
            let _ = self.let_go();
        }
    }
}

impl<E: Exclusion> Drop for Held<E> {
    fn drop(&mut self) {
        // A forked child neither removes nor unlocks: its parent holds the lock.
        if !self.is_acquirer() {
            return;
        }
        if self.stage != Stage::Released {
            // Nor does a parent whose child is the holder by now, or may be: that could not be told.
            if let Ok(Some(_grip)) = self.grip() {
                if self.passed && !sabotage::without(Guard::Passed) {
                    // Until its heir has come into it, or is dead, it is locked by that one's copy of
                    // the descriptor. If that dies first, nobody holds.
                    let _ = self.write_released();
                } else {
                    self.end();
                }
            }
            if let Some(post) = &self.post {
                post.hold_still().held = false;
                post.ring();
            }
        }
        #[cfg(feature = "signals")]
        self.end_twin();
        self.title.into_iter().for_each(Title::end);
    }
}
