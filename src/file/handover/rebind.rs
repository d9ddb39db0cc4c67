//! A lock that goes over to another process, which has a copy of the descriptor.

use crate::error::{Error, Op, Result, failed};
use crate::file::handover::hands::Grip;
use crate::file::held::{Exclusion, Held};
use crate::identity::Identity;
use crate::record::Record;
use crate::sys;

impl<E: Exclusion> Held<E> {
    /// Makes this process, which was forked by the holder, the holder.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`] if the lock was released, or another has become its holder. On every error,
    /// who holds is who held.
    pub(in crate::file) fn rebind(&mut self) -> Result<()> {
        if self.is_own() {
            return Ok(());
        }
        let title = self.check_passing()?;
        let identity = Identity::current();
        if !self.format.keeps_json() && self.record.pid == identity.here.pid {
            // In a new PID namespace: nothing in the record would tell the one from the other.
            return Err(self.no_holder());
        }
        // From here on the parent asks the record before it does anything.
        if !title.contest() {
            return Err(self.no_holder());
        }
        let hands = self.hands().map_err(|err| match err {
            // It was the holder that removed it, who has said so.
            Error::RogueDeletion { .. } if !title.is_contested() => self.no_holder(),
            err => err,
        })?;
        if !self.is_named()? {
            return Err(self.no_holder());
        }
        self.take_over(&identity)?;
        drop(hands);
        Ok(())
    }

    /// Writes this process into the record, under the mark.
    pub(in crate::file) fn take_over(&mut self, identity: &Identity) -> Result<()> {
        self.adopt()?;
        let stat = sys::stat(&self.file).map_err(failed(Op::Inspect, &self.path))?;
        self.file.len = usize::try_from(stat.len).unwrap_or(usize::MAX);
        let record = self.next_record(identity);
        let earlier = std::mem::replace(&mut self.record, record);
        if let Err(err) = self.write() {
            // A part of the new record may be in the file.
            self.record = earlier;
            let _ = self.write();
            return Err(err.while_held());
        }
        self.belong(identity.generation);
        // Those who are told of a loss are the other process's.
        self.post = None;
        #[cfg(feature = "signals")]
        {
            self.twin = None;
        }
        Ok(())
    }

    /// Makes sure that the descriptor has the lock.
    pub(in crate::file) fn adopt(&self) -> Result<()> {
        let passing = self.exclusion.passing().map(|it| it.adopt(&self.file, &self.path));
        match passing.transpose().map_err(failed(Op::Lock, &self.path))? {
            Some(true) => Ok(()),
            _ => Err(self.no_holder()),
        }
    }

    /// What this process writes about itself, as the next holder of the same acquisition.
    pub(in crate::file) fn next_record(&self, identity: &Identity) -> Record {
        Record {
            message: self.record.message.clone(),
            device: self.record.device,
            file_system: self.record.file_system,
            found: self.record.found,
            backend: self.record.backend.clone(),
            acquired_at: self.record.acquired_at,
            ..identity.record()
        }
    }

    pub(in crate::file) fn no_holder(&self) -> Error {
        Error::NotHeld { path: self.path.clone() }
    }

    /// Acts on the lockfile, if this process is still its holder.
    pub(in crate::file) fn act<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let grip: Option<Grip> = self.grip()?;
        if grip.is_none() {
            return Err(self.no_holder());
        }
        let result = act(self).map_err(Error::while_held);
        #[cfg(feature = "signals")]
        self.tell_twin();
        drop(grip);
        result
    }
}
