//! A lock with a part that death does not free: see [`Lasting`].
//!
//! - **I7** The record of a holder is in the lockfile from before it takes that part until after it
//!   has given the part back.

use std::fs::File;

use crate::backend::Lasting;
use crate::error::{Op, Result, failed};
use crate::file::before::Before;
use crate::file::held::Held;
use crate::file::kernel::busy::refused;
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::locked::Locked;
use crate::file::stage::{Left, Stage};
use crate::record::READ_LIMIT;
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys;

/// Gives back what a dead holder of the locked file has left, and the caller could take.
///
/// # Errors
///
/// It may still be taken. The record is what it was.
pub(in crate::file) fn give_back(locked: &Locked<'_>) -> Result<()> {
    let given = locked.kernel.backend.lasting().map(|it| it.give_back(locked.file(), locked.path));
    given.unwrap_or(Ok(())).map_err(failed(Op::Unlock, locked.path))
}

/// Writes the record into the locked, vacant file, and then takes the part of the lock that lasts. If
/// somebody else has that, this is the file, unlocked, and it holds what it held before.
pub(in crate::file) fn begin(
    settings: &Settings,
    lasting: &dyn Lasting,
    locked: Locked<'_>,
    before: Before,
) -> Result<std::result::Result<Held<ByKernel>, File>> {
    let (kernel, path) = (locked.kernel, locked.path);
    let mut earlier = vec![0; usize::try_from(locked.stat.len).unwrap_or(0).min(READ_LIMIT)];
    let length =
        sys::read_from_start(locked.file(), &mut earlier).map_err(failed(Op::Read, path))?;
    earlier.truncate(length);
    let held = Held::begin(settings, locked, before)?;
    // I7. Between the look at that part and now, somebody else may have taken it.
    match lasting.take(&held.file, path) {
        Ok(true) => Ok(Ok(held)),
        Ok(false) => held.withdraw(&earlier).map(Err),
        Err(err) => {
            held.withdraw(&earlier)?;
            Err(refused(kernel, path)(err))
        }
    }
}

impl Held<ByKernel> {
    /// Puts back what the file held before our record, and unlocks it.
    ///
    /// # Errors
    ///
    /// That could not be written. The file is unlocked, and says that we have released it, or has
    /// no name any more, as far as that could be done.
    fn withdraw(mut self, earlier: &[u8]) -> Result<File> {
        let put_back = if earlier.is_empty() {
            self.file.set_len(0)
        } else {
            // I4. Our record was at least as long: the rest of it is blanked out.
            let mut bytes = earlier.to_vec();
            bytes.resize(self.file.len.min(READ_LIMIT).max(earlier.len()), b' ');
            sys::write_over_start(&self.file, &bytes, |_| {})
        };
        let put_back = put_back.map_err(failed(Op::Write, &self.path));
        if put_back.is_err() && self.write_released().is_err() && self.may_be_removed() {
            // I1: we have the lock.
            let _ = sys::unlink(&self.path);
        }
        let file = self.file.try_clone().map_err(failed(Op::Open, &self.path));
        let _ = self.let_go();
        self.stage = Stage::Released;
        put_back.and(file)
    }

    /// Gives back the part that lasts, and removes the lockfile; `None` if the lock has no such part.
    ///
    /// # Errors
    ///
    /// The lock is held, as it was.
    pub(in crate::file) fn vacate_lasting(&mut self) -> Result<Option<Left>> {
        if !self.has_lasting() {
            return Ok(None);
        }
        self.write_released()?;
        self.give_back_lasting()?;
        // I1: we have the lock on the file. What cannot be removed stays.
        if sys::unlink(&self.path).is_ok() {
            return Ok(Some(Left::Nothing));
        }
        self.write_given_back();
        Ok(Some(Left::Name))
    }

    /// Says in the file, which stays, that the lock is released.
    ///
    /// # Errors
    ///
    /// The lock is held, as it was.
    pub(in crate::file) fn leave_released(&mut self) -> Result<Left> {
        self.write_released()?;
        if self.has_lasting() {
            self.give_back_lasting()?;
            self.write_given_back();
        }
        Ok(Left::Name)
    }

    fn has_lasting(&self) -> bool {
        self.backend().lasting().is_some() && !sabotage::without(Guard::GiveBackFirst)
    }

    /// I7. Killed before this, we leave a record that says what is left to be given back.
    fn give_back_lasting(&self) -> Result<()> {
        let given = self.backend().lasting().map(|it| it.give_back(&self.file, &self.path));
        given.unwrap_or(Ok(())).map_err(failed(Op::Unlock, &self.path))
    }

    /// Leaves a record of no backend: by way of that, nobody inherits anything. Killed before this, we
    /// leave one that says more than is true, of a part that is not ours any more: nobody inherits
    /// that either.
    fn write_given_back(&mut self) {
        self.record.backend = None;
        // The lock is released all the same.
        let _ = self.write();
    }
}
