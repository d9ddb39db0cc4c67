//! Putting a lockfile back that somebody removed while it was held.

use std::sync::Arc;

use crate::error::{Error, Op, Result, failed};
use crate::file::draft::{Draft, Link};
use crate::file::held::{Exclusion, Held, Part};
use crate::file::place::{Linked, Place};
use crate::file::turns::Turns;
use crate::lookout::{Listener, Lookout, Post};
use crate::record::Record;
use crate::sabotage::{self, Guard};
use crate::{nonce, sys, threads, trace};

impl<E: Exclusion> Held<E> {
    /// Has `listener` told of what others do to the lockfile.
    pub(in crate::file) fn watch(&mut self, listener: Listener) -> Result<()> {
        if let Some(post) = &self.post {
            post.tell(listener);
            return Ok(());
        }
        let lookout = Lookout::current().map_err(failed(Op::Watch, &self.path))?;
        let local = self.file.file_system.is_local();
        let post = Arc::new(Post::new(lookout.bell(), self.place(), local));
        post.tell(listener);
        lookout.man(Arc::clone(&post)).map_err(failed(Op::Watch, &self.path))?;
        self.post = Some(post);
        Ok(())
    }

    /// Puts the lockfile back, or our record into it; `mode` is for a new one.
    ///
    /// # Errors
    ///
    /// [`Error::RogueDeletion`] if it cannot be: something else is at the path. On that and on every
    /// other, all is as it was.
    pub(in crate::file) fn restore(&mut self, mode: u32) -> Result<()> {
        self.act(|held| held.restore_as_holder(mode))
    }

    fn restore_as_holder(&mut self, mode: u32) -> Result<()> {
        let post = self.post.clone();
        let mut watched = post.as_deref().map(Post::hold_still);
        self.check_descriptor()?;
        match self.verify_name() {
            Ok(()) if self.part == Part::Whole => {
                // What others wrote over the record can be longer than that.
                self.file.measure().map_err(failed(Op::Inspect, &self.path))?;
                self.write()?;
            }
            Ok(()) => return Ok(()),
            Err(Error::RogueDeletion { replaced: false, .. }) if self.part == Part::Whole => {
                self.put_back(mode)?;
                trace::restored(&self.path);
            }
            Err(err) => return Err(err),
        }
        if let Some(watched) = &mut watched {
            watched.place = self.place();
            watched.restorations += 1;
        }
        drop(watched);
        if let Some(post) = post {
            post.ring();
        }
        Ok(())
    }

    fn put_back(&mut self, mode: u32) -> Result<()> {
        let mut turns = Turns::new(&self.path);
        loop {
            turns.take()?;
            // Another incarnation (H5), of the same acquisition.
            let nonce = nonce::fresh(std::process::id(), sys::wall_clock());
            let earlier = self.record.clone();
            let record = |id: sys::FileId| Record {
                device: Some(id.device()),
                nonce: Some(nonce.clone()),
                // The new file is of our making.
                found: false,
                ..earlier.clone()
            };
            let path = &self.path;
            let draft = Draft::create(path, self.exclusion.name(), mode, self.format, record)?;
            let mut link = None;
            let mut put = || {
                let result = draft.link(path);
                let is_there = matches!(result, Ok(Link::Made(_)));
                link = Some(result);
                is_there
            };
            if sabotage::without(Guard::LockBeforeName) {
                put();
            } else {
                let back = E::put_back(self, draft.file(), path, &mut put);
                back.map_err(failed(Op::Lock, path))?;
            }
            match link.transpose()? {
                Some(Link::Made(id)) => {
                    let settled = E::settle(draft, path);
                    self.file.replace(settled.file, id, settled.len as u64);
                    self.record = settled.record;
                    self.acquired = Some(threads::note(id, self.process));
                    #[cfg(feature = "signals")]
                    self.tell_twin();
                    return Ok(());
                }
                Some(Link::Swept) => {}
                Some(Link::Taken) | None => {
                    return Err(Error::RogueDeletion { path: path.clone(), replaced: true });
                }
            }
        }
    }

    /// What tells our name from another's, where the name is the lock.
    pub(in crate::file) fn linked_name(&self) -> Option<Linked> {
        E::IS_THE_NAME.then(|| Linked {
            nonce: self.record.nonce.clone().unwrap_or_default(),
            local: self.file.file_system.is_local(),
        })
    }

    /// Where the lockfile is now.
    fn place(&self) -> Place {
        Place {
            path: self.path.clone(),
            id: self.file.id,
            title: self.title,
            linked: self.linked_name(),
            one_view: self.file.file_system.one_view,
            signature: self.signature(),
        }
    }
}
