//! What the content of a locked file means for the contender that has locked it.

use crate::error::{Error, Result};
use crate::file::before::Before;
use crate::file::kernel::blank::{self, Blank};
use crate::file::kernel::dying;
use crate::file::kernel::locked::Locked;
use crate::file::not_a_lockfile;
use crate::file::succession::check_succession;
use crate::holder::Holder;
use crate::probe;
use crate::record::{Content, FOUND};
use crate::sabotage::{self, Guard};
use crate::settings::{Foreign, Settings};
use crate::sys::{self, Kind, Mode};
use crate::verdict::{KernelLock, Verdict, Why};

/// What the content of a locked file means for whoever has locked it.
pub(in crate::file) enum Vacancy {
    /// Nobody holds, and this was before.
    Vacant(Before),
    /// Nobody holds, and the last holder said so.
    Released(Before),
    /// Somebody does, or might, by other means than the lock.
    Taken(Option<Box<Holder>>),
    /// It names nobody, and somebody has it open.
    Opened,
}

/// I3: judges the content of the locked file, which we have `created`, or found.
pub(in crate::file) fn vacate(
    settings: &Settings,
    locked: &Locked<'_>,
    created: bool,
) -> Result<Vacancy> {
    if locked.stat.kind != Kind::Regular {
        return Err(not_a_lockfile(locked.path, locked.stat.kind));
    }
    let is_empty = locked.stat.len == 0;
    // One that we have created is none of the kernel's, and need not be read to know that.
    if is_empty && created {
        return Ok(Vacancy::Vacant(Before::default()));
    }
    let content = locked.content()?;
    let found = !created && is_found(&content, locked);
    // A lock of the kernel's counts, whatever this backend locks.
    if locked.kernel.is_locked_besides(locked.file(), locked.path)? {
        let verdict = judge(&content, locked, KernelLock::Held);
        return Ok(Vacancy::Taken(Holder::of(content, verdict, true).map(Box::new)));
    }
    match content {
        Content::Blank | Content::Torn => {
            return match blank::examine(locked.file(), &locked.stat) {
                blank @ (Blank::Left | Blank::Fresh) => {
                    let (abandoned, found) = (!is_empty, found && blank == Blank::Left);
                    Ok(Vacancy::Vacant(Before { abandoned, found, ..Before::default() }))
                }
                Blank::Opened => Ok(Vacancy::Opened),
                Blank::Foreign(_) if settings.replace_invalid => {
                    Ok(Vacancy::Vacant(Before { found, ..Before::default() }))
                }
                Blank::Foreign(reason) => {
                    let (path, reason) = (locked.path.to_owned(), reason.to_owned());
                    Err(Error::InvalidPid { path, reason })
                }
            };
        }
        Content::Invalid(_) if settings.replace_invalid => {
            return Ok(Vacancy::Vacant(Before { found, ..Before::default() }));
        }
        Content::Invalid(reason) => {
            return Err(Error::InvalidPid { path: locked.path.to_owned(), reason });
        }
        Content::Released | Content::Record(_) => {}
    }
    let kernel_lock = match locked.mode {
        Mode::Exclusive => KernelLock::Free,
        Mode::Shared => KernelLock::Shared,
    };
    let verdict = match judge(&content, locked, kernel_lock) {
        Verdict::Live if dying::let_die(&content) => judge(&content, locked, kernel_lock),
        verdict => verdict,
    };
    let vacant = match verdict {
        Verdict::Live => sabotage::without(Guard::Verdict),
        Verdict::Stale(_) => true,
        // A policy does not decide by the time of a file. An operator who has looked may.
        Verdict::Unproven(Why::OlderThanProcess) => settings.named,
        Verdict::Unproven(_) => settings.foreign == Foreign::Break,
    };
    let holder = Holder::of(content, verdict, false).map(Box::new);
    match holder {
        Some(holder) if !vacant => Ok(Vacancy::Taken(Some(holder))),
        _ if verdict == Verdict::Stale(Why::Released) => {
            Ok(Vacancy::Released(Before { found, ..Before::default() }))
        }
        left_by => {
            check_succession(locked.kernel.primitive().name, locked.path, left_by.as_deref())?;
            Ok(Vacancy::Vacant(Before { left_by, abandoned: true, found }))
        }
    }
}

fn judge(content: &Content, locked: &Locked<'_>, kernel_lock: KernelLock) -> Verdict {
    probe::verdict(content, Some(locked.file()), kernel_lock, locked.kernel.primitive())
}

/// Whether a file with this content is somebody else's: no record says that this crate made it.
fn is_found(content: &Content, locked: &Locked<'_>) -> bool {
    match content {
        Content::Record(record) => record.is_legacy() || record.found,
        Content::Released => {
            let mut last = [0];
            let offset = locked.stat.len.saturating_sub(1);
            // What cannot be read is not known to be ours.
            !matches!(sys::read_at(locked.file(), &mut last, offset), Ok(1)) || last == [FOUND]
        }
        _ => true,
    }
}
