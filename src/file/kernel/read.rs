//! Reading what is at the path, without following, waiting for or acting on what is not a file.

use std::fs::File;

use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::kernel::blank::{self, Blank};
use crate::file::kernel::busy::refused;
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::locked::names;
use crate::file::lease::Lease;
use crate::file::turns::Turns;
use crate::file::{absolute, content, not_a_lockfile, own_lock};
use crate::outcome::Found;
use crate::probe;
use crate::record::Content;
use crate::settings::Settings;
use crate::sys::{self, Kind};
use crate::verdict::{KernelLock, Verdict, Why};

/// Reads and judges the lockfile, without disturbing holder or contenders. `None`: there is none.
/// `open`: what it was at an earlier look, to be read again without closing it.
pub(in crate::file) fn read(
    kernel: &ByKernel,
    settings: &Settings,
    mut open: Option<File>,
) -> Result<Option<Found>> {
    let path = &*absolute(&settings.path)?;
    let primitive = kernel.primitive();
    let mut turns = Turns::new(path);
    let mut lease = Lease::default();
    loop {
        turns.take()?;
        let stat = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
        match stat.map(|stat| stat.kind) {
            None => return Ok(None),
            Some(Kind::Regular) => {}
            Some(Kind::SymbolicLink) => {
                let Some(record) = content::link(path)? else { continue };
                let content = Content::Record(Box::new(record));
                let verdict = probe::verdict(&content, None, KernelLock::Free, primitive);
                return Ok(Some(Found { content, verdict, locked: false, file: None }));
            }
            Some(kind) => return Err(not_a_lockfile(path, kind)),
        }
        let kept = stat.and_then(|stat| own_lock::look(stat.id, |file| content::whole(file, path)));
        if let Some(content) = kept.transpose()? {
            let verdict = probe::verdict(&content, None, KernelLock::Held, primitive);
            return Ok(Some(Found { content, verdict, locked: true, file: None }));
        }
        let file = match open.take().map_or_else(|| sys::open_to_read(path), Ok) {
            Ok(file) => file,
            // Between looking and opening, it was removed or became something else: look again.
            Err(err) if content::is_gone(&err) => continue,
            Err(err) if sys::is_leased(&err) && lease.goes_on(path)? => continue,
            Err(err) => return Err(failed(Op::Read, path)(err)),
        };
        let found_there = look(kernel, &file, path).and_then(|(content, kernel_lock)| {
            // Between opening and reading, the holder may have released the lock and another may have
            // created a new file: then what we read is over and done with.
            let stat = sys::stat(&file).map_err(failed(Op::Inspect, path))?;
            Ok(names(path, stat.id)?.then_some((content, kernel_lock, stat)))
        });
        let (content, kernel_lock, stat) = match found_there {
            Ok(Some(found_there)) => found_there,
            Ok(None) => continue,
            // On FUSE and network file systems, a removed file is gone for those who have it open.
            Err(Error::Io { source, .. }) if sys::is_gone(&source) => continue,
            Err(err) => return Err(err),
        };
        let locked = kernel_lock == KernelLock::Held;
        let verdict = probe::verdict(&content, Some(&file), kernel_lock, primitive);
        let names_nobody = matches!(content, Content::Blank | Content::Torn) && !locked;
        let (content, verdict) = match names_nobody.then(|| blank::examine(&file, &stat)) {
            Some(Blank::Foreign(reason)) => (Content::Invalid(reason.to_owned()), verdict),
            Some(Blank::Opened) => (content, Verdict::Unproven(Why::Opened)),
            _ => (content, verdict),
        };
        // Where nobody has a lock, neither has this process.
        let file = if locked { own_lock::spare(file) } else { Some(file) };
        return Ok(Some(Found { content, verdict, locked, file }));
    }
}

/// What `file` says and whether anybody has the lock on it, both at one moment.
pub(in crate::file) fn look(
    kernel: &ByKernel,
    file: &File,
    path: &Path,
) -> Result<(Content, KernelLock)> {
    let mut read = None;
    let mut once = || read = Some(content::whole(file, path));
    let free = kernel.backend.look(file, path, &mut once).map_err(refused(kernel, path))?;
    match read {
        Some(content) if free && !kernel.is_locked_besides(file, path)? => {
            Ok((content?, KernelLock::Free))
        }
        // Some file systems (SMB) do not let others read what is locked.
        _ => Ok((content::whole(file, path).unwrap_or(Content::Blank), KernelLock::Held)),
    }
}
