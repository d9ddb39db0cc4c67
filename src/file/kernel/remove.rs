//! Removing a lockfile that nobody holds, and one whose holder the caller declares dead.

use std::io;

use crate::error::{Error, Op, Result, failed};
use crate::file::kernel::busy::{busy, observed};
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::lasting;
use crate::file::kernel::locked::{Locked, Taken};
use crate::file::kernel::open::{self, Existing, Expect};
use crate::file::kernel::vacancy::{Vacancy, vacate};
use crate::file::turns::Turns;
use crate::file::{absolute, has_one_view, own_lock};
use crate::holder::Holder;
use crate::identity::Identity;
use crate::outcome::{Approach, Busy, Obstacle, Removal, check_incarnation};
use crate::record::{READ_LIMIT, Record};
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, Opened};

/// Removes a lockfile that could be acquired with these settings, unless it was released; if `only`
/// is given, only that incarnation.
///
/// # Errors
///
/// [`Error::OtherHolder`]: it is another incarnation.
pub(in crate::file) fn remove(
    kernel: &ByKernel,
    settings: &Settings,
    only: Option<&str>,
) -> Result<Result<Removal, Busy>> {
    let path = &*absolute(&settings.path)?;
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        let file = match open::open(kernel, path, Expect::Anything)? {
            Existing::File(file) => file,
            Existing::Gone => return Ok(Ok(Removal::Nothing)),
            Existing::Busy(busy) => return Ok(Err(busy)),
        };
        let locked =
            match Locked::take(kernel, file, path, Approach::AT_ONCE).map_err(|(err, _)| err)? {
                Taken::Locked(locked) => locked,
                Taken::Refused(file) => return Ok(Err(busy(kernel, file, path)?)),
                Taken::Observed(file) => return Ok(Err(observed(file))),
            };
        // I2, as in `attempt`.
        if !sabotage::without(Guard::PathCheck) && !locked.is_named()? {
            continue;
        }
        let before = match vacate(settings, &locked, false)? {
            Vacancy::Vacant(before) => before,
            Vacancy::Released(_) => {
                // I7. It may have died before it gave back what it was about to.
                lasting::give_back(&locked)?;
                return Ok(Ok(Removal::Nothing));
            }
            Vacancy::Taken(holder) => {
                let _ = own_lock::spare(locked.let_go());
                return Ok(Err(Busy { holder, obstacle: Obstacle::Record, file: None }));
            }
            Vacancy::Opened => {
                return Ok(Err(Busy { holder: None, obstacle: Obstacle::Opened, file: None }));
            }
        };
        // I2, as in `turn`: otherwise it is the file of another holder that is removed below.
        let guarded = !sabotage::without(Guard::Judged) && !sabotage::without(Guard::PathCheck);
        if guarded && !locked.is_named()? {
            continue;
        }
        // A file that names nobody proves nothing, unless the caller knows better.
        if before.left_by.is_none() && !settings.remove_empty && !settings.replace_invalid {
            return Err(Error::Empty { path: path.to_owned() });
        }
        let left_by = before.left_by;
        // I5. Since the caller looked at the lockfile, another may have become the holder, whose
        // life nobody answers for. From here on none can, because we have the lock.
        check_incarnation(path, left_by.as_deref(), only)?;
        // I7. Killed before this, we leave the record of the dead holder.
        lasting::give_back(&locked)?;
        // I1: we have the lock, and have seen the path name this file since.
        let opened = sys::opened_elsewhere(locked.file(), locked.stat.id) == Opened::Elsewhere;
        if opened && left_by.as_ref().is_none_or(|holder| holder.record().is_legacy()) {
            return Ok(Err(Busy { holder: left_by, obstacle: Obstacle::Opened, file: None }));
        }
        if opened || !has_one_view(locked.file()) {
            // I2: another client would find it under its name for a while. And a program that knows
            // only the kernel's lock would go on with a removed file.
            return vacate_in_place(settings, &locked, left_by);
        }
        return match sys::unlink(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(failed(Op::Remove, path)(err)),
            _ => Ok(Ok(Removal::Of(left_by))),
        };
    }
}

/// Writes into the locked file that nobody holds, where it cannot be removed.
fn vacate_in_place(
    settings: &Settings,
    locked: &Locked<'_>,
    left_by: Option<Box<Holder>>,
) -> Result<Result<Removal, Busy>> {
    let record =
        left_by.as_ref().map_or_else(|| Identity::current().record(), |it| it.record().clone());
    let record = Record { released_at: Some(sys::wall_clock()), ..record };
    let over = usize::try_from(locked.stat.len).unwrap_or(READ_LIMIT).min(READ_LIMIT);
    let bytes = settings.format.encode(&record, over);
    sys::write_over_start(locked.file(), &bytes, |_| {}).map_err(failed(Op::Write, locked.path))?;
    Ok(Ok(Removal::Of(left_by)))
}
