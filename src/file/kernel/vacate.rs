//! What a release does with a lockfile that the kernel's lock is on: it goes, or stays and says that it is
//! released.

use std::io;

use crate::backend::Backend;
use crate::error::{Error, Op, Result, failed};
use crate::file::content;
use crate::file::held::{Held, Part};
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::stage::{Left, is_forbidden};
use crate::record::Content;
use crate::sabotage::{self, Guard};
use crate::sys::{self, Opened};

impl Held<ByKernel> {
    /// Removes the lockfile, or marks it as released.
    pub(in crate::file) fn remove_or_mark(&mut self, names: u64) -> Result<Left> {
        if self.part != Part::Whole {
            return self.leave_the_others();
        }
        if names > 1 && self.file.file_system.one_view {
            // The other names stay.
            self.write_released()?;
        }
        if !self.is_for_removal() {
            // Between the question and our release another may come to wait: then it finds the
            // file gone, and begins again (I2).
            return self.leave_released();
        }
        if let Some(left) = self.vacate_lasting()? {
            return Ok(left);
        }
        // I1. Between seeing that the path names our file and now, nobody who keeps to the protocol
        // can have replaced it: that takes the lock on it, which we have.
        match sys::unlink(&self.path) {
            Ok(()) => Ok(Left::Nothing),
            Err(err) if is_forbidden(&err) => self.write_released().map(|()| Left::Name),
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                Err(Error::RogueDeletion { path: self.path.clone(), replaced: false })
            }
            Err(err) => Err(failed(Op::Remove, &self.path)(err)),
        }
    }

    /// Whether the file goes when the lock does.
    fn is_for_removal(&self) -> bool {
        !self.keep_file
            && self.may_be_removed()
            && !self.backend().is_awaited(&self.file, &self.path)
            && !self.is_opened_by_strangers()
    }

    /// Whether a program that knows only the kernel's lock may have the file open: flock(1) opens it,
    /// queues for the lock, and goes on to work once it has the lock, also on a removed file, beside
    /// the next holder of the path.
    ///
    /// Between this question and the removal, such a program can still come and open the file.
    fn is_opened_by_strangers(&self) -> bool {
        !sabotage::without(Guard::Strangers)
            && matches!(
                sys::opened_elsewhere(&self.file, self.file.id),
                Opened::Elsewhere | Opened::Unknown
            )
    }

    /// Leaves those who share the lock with us; the last of all removes the file.
    fn leave_the_others(&mut self) -> Result<Left> {
        // I1. Now, because to ask whether we are alone may be to let go of the lock, and then
        // another may have it alone, and write.
        self.write_released()?;
        let sharing = self.backend().sharing();
        let alone =
            sharing.is_some_and(|it| it.have_alone(&self.file, &self.path).unwrap_or(false));
        // Between our letting go of the shared lock and our having it alone, another may have had
        // it, and have removed the file, or died and left its record.
        let clear = alone && self.verify_name().is_ok() && self.is_vacated();
        if clear && self.is_for_removal() {
            // What cannot be removed stays, and is free.
            return Ok(sys::unlink(&self.path).map_or(Left::Name, |()| Left::Nothing));
        }
        Ok(Left::Name)
    }

    /// Whether the file says that nobody holds the lock, and is not somebody else's.
    fn is_vacated(&self) -> bool {
        let content = sys::stat(&self.file)
            .map_err(failed(Op::Inspect, &self.path))
            .and_then(|stat| content::content(&self.file, stat.len, &self.path));
        match content {
            Ok(Content::Blank | Content::Released) => !self.record.found,
            // What the spokesman found is none of ours to remove either.
            Ok(Content::Record(record)) => record.released_at.is_some() && !record.found,
            _ => false,
        }
    }

    pub(in crate::file) fn backend(&self) -> &dyn Backend {
        &*self.exclusion.backend
    }
}
