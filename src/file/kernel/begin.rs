//! A possession that begins: the record is written into the locked, vacant file.

use crate::error::Result;
use crate::file::before::Before;
use crate::file::held::{Held, Part, Start};
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::locked::Locked;
use crate::file::locked_file::LockedFile;
use crate::file::own_record::own_record;
use crate::file::stage::Stage;
use crate::settings::Settings;
use crate::sys::{self, Mode};

impl Held<ByKernel> {
    /// Writes the record into the locked, vacant file: from here on the lock is held.
    ///
    /// # Errors
    ///
    /// The record could not be written: the file is unlocked and, if it may be, removed.
    pub(in crate::file) fn begin(
        settings: &Settings,
        locked: Locked<'_>,
        before: Before,
    ) -> Result<Self> {
        let part = match locked.mode {
            Mode::Exclusive => Part::Whole,
            Mode::Shared => Part::Spokesman,
        };
        let mut held = Self::of_locked(settings, locked, part, before);
        if let Err(err) = held.write() {
            // I1: we have the lock. Half a record would do no harm (it is torn, and so stale), but
            // a lockfile that nobody holds should not be left behind either.
            if part == Part::Whole && held.may_be_removed() {
                let _ = sys::unlink(&held.path);
            }
            let _ = held.let_go();
            held.stage = Stage::Released;
            return Err(err);
        }
        Ok(held)
    }

    /// Shares the lock with one whom the record names, or will name.
    /// `found`: whether the file is somebody else's.
    pub(in crate::file) fn join(settings: &Settings, locked: Locked<'_>, found: bool) -> Self {
        let mut held = Self::of_locked(settings, locked, Part::Sharer, Before::default());
        held.record.found = found;
        held
    }

    fn of_locked(settings: &Settings, locked: Locked<'_>, part: Part, before: Before) -> Self {
        let (id, len, path) = (locked.stat.id, locked.stat.len, locked.path.to_owned());
        let kernel = locked.kernel.clone();
        let file = LockedFile::new(locked.keep(), id, len);
        let shared = part != Part::Whole;
        let mut record =
            own_record(kernel.primitive(), settings, id, file.file_system.kind, shared);
        record.found = before.found;
        Self::new(settings, kernel, Start { file, path, record, part, before })
    }
}
