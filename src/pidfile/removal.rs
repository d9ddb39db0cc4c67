//! Removing a lockfile that nobody holds, and one whose holder the caller declares dead.

use std::io;
use std::path::Path;

use super::existing::{self, Existing, Expect};
use super::locked::{Locked, Taken};
use super::{
    Approach, Before, Busy, Obstacle, Turns, Vacancy, absolute, busy, lasting, linked, vacate,
};
use crate::error::{Error, Op, Result, failed};
use crate::holder::Holder;
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys;

/// What came of removing a lockfile.
#[derive(Debug)]
pub(crate) enum Removal {
    /// There was none, or it was released in good order, and stays.
    Nothing,
    /// It was removed, and this one had left it, as far as its record told.
    Of(Option<Box<Holder>>),
}

/// Removes a lockfile that could be acquired with these settings, unless it was released; if `only`
/// is given, only that incarnation.
///
/// # Errors
///
/// [`Error::OtherHolder`]: it is another incarnation.
pub(crate) fn remove(settings: &Settings, only: Option<&str>) -> Result<Result<Removal, Busy>> {
    if settings.backend.locks_the_name() {
        return linked::remove(settings, only);
    }
    let path = &*absolute(&settings.path)?;
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        let file = match existing::open(settings, path, Expect::Anything)? {
            Existing::File(file) => file,
            Existing::Gone => return Ok(Ok(Removal::Nothing)),
            Existing::Busy(busy) => return Ok(Err(busy)),
        };
        let locked = match Locked::take(settings, file, path, Approach::AT_ONCE)? {
            Taken::Locked(locked) => locked,
            Taken::Refused(file) => return Ok(Err(busy(settings, file, path)?)),
            Taken::Observed(file) => return Ok(Err(Busy::observed(file))),
        };
        // I2, as in `attempt`.
        if !sabotage::without(Guard::PathCheck) && !locked.is_named()? {
            continue;
        }
        let left_by = match vacate(settings, &locked, false)? {
            Vacancy::Vacant(Before { left_by, .. }) => left_by,
            Vacancy::Released => {
                // I7. It may have died before it gave back what it was about to.
                lasting::give_back(settings, &locked)?;
                return Ok(Ok(Removal::Nothing));
            }
            Vacancy::Taken(holder) => {
                let (holder, obstacle) = (Some(holder), Obstacle::Record);
                return Ok(Err(Busy { holder, obstacle, file: None }));
            }
        };
        // I5. Since the caller looked at the lockfile, another may have become the holder, whose
        // life nobody answers for. From here on none can, because we have the lock.
        check_incarnation(path, left_by.as_deref(), only)?;
        // I7. Killed before this, we leave the record of the dead holder.
        lasting::give_back(settings, &locked)?;
        // I1: we have the lock, and have seen the path name this file since.
        return match sys::unlink(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(failed(Op::Remove, path)(err)),
            _ => Ok(Ok(Removal::Of(left_by))),
        };
    }
}

/// Whether `holder` is the incarnation that `only` names, if it names one.
pub(super) fn check_incarnation(
    path: &Path,
    holder: Option<&Holder>,
    only: Option<&str>,
) -> Result<()> {
    let Some(only) = only.filter(|_| !sabotage::without(Guard::Incarnation)) else {
        return Ok(());
    };
    match holder {
        Some(holder) if holder.record().incarnation() == only => Ok(()),
        holder => {
            let holder = holder.cloned().map(Box::new);
            Err(Error::OtherHolder { path: path.to_owned(), holder })
        }
    }
}
