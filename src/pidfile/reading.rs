//! Reading what is at the path, without following, waiting for or acting on what is not a file.

use std::fs::File;
use std::io;
use std::path::Path;

use super::blank::{self, Blank};
use super::by_kernel::ByKernel;
use super::lease::Lease;
use super::locked::names;
use super::vacancy::is_locked_besides;
use super::{Turns, absolute, not_a_lockfile, own_lock, refused};
use crate::error::{Error, Op, Result, failed};
use crate::outcome::Found;
use crate::probe;
use crate::record::{Content, READ_LIMIT, Record, parse_target};
use crate::settings::Settings;
use crate::sys::{self, Kind, Stat};
use crate::verdict::{KernelLock, Verdict, Why};

/// Reads and judges the lockfile, without disturbing holder or contenders. `None`: there is none.
/// `open`: what it was at an earlier look, to be read again without closing it.
pub(super) fn read(
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
                let Some(record) = link(path)? else { continue };
                let content = Content::Record(Box::new(record));
                let verdict = probe::verdict(&content, None, KernelLock::Free, primitive);
                return Ok(Some(Found { content, verdict, locked: false, file: None }));
            }
            Some(kind) => return Err(not_a_lockfile(path, kind)),
        }
        let kept = stat.and_then(|stat| own_lock::look(stat.id, |file| whole(file, path)));
        if let Some(content) = kept.transpose()? {
            let verdict = probe::verdict(&content, None, KernelLock::Held, primitive);
            return Ok(Some(Found { content, verdict, locked: true, file: None }));
        }
        let file = match open.take().map_or_else(|| sys::open_to_read(path), Ok) {
            Ok(file) => file,
            // Between looking and opening, it was removed or became something else: look again.
            Err(err) if is_gone(&err) => continue,
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
pub(super) fn look(kernel: &ByKernel, file: &File, path: &Path) -> Result<(Content, KernelLock)> {
    let mut read = None;
    let mut once = || read = Some(whole(file, path));
    let free = kernel.backend.look(file, path, &mut once).map_err(refused(kernel, path))?;
    match read {
        Some(content) if free && !is_locked_besides(kernel, file, path)? => {
            Ok((content?, KernelLock::Free))
        }
        // Some file systems (SMB) do not let others read what is locked.
        _ => Ok((whole(file, path).unwrap_or(Content::Blank), KernelLock::Held)),
    }
}

/// What the file says that `path` leads to, for whoever opens it anew; `None` if nothing is there.
pub(super) fn opened(path: &Path) -> Result<Option<Content>> {
    let file = match sys::open_to_read(path) {
        Ok(file) => file,
        Err(err) if is_gone(&err) => return Ok(None),
        Err(err) => return Err(failed(Op::Read, path)(err)),
    };
    match whole(&file, path) {
        Err(Error::Io { source, .. }) if sys::is_gone(&source) => Ok(None),
        content => content.map(Some),
    }
}

pub(super) fn whole(file: &File, path: &Path) -> Result<Content> {
    content(file, sys::stat(file).map_err(failed(Op::Inspect, path))?.len, path)
}

/// Reads a file of `len` bytes, in one read where the system grants it.
pub(super) fn content(file: &File, len: u64, path: &Path) -> Result<Content> {
    if len == 0 {
        return content_of_empty(file, path);
    }
    let len = match usize::try_from(len) {
        Ok(len) if len <= READ_LIMIT => len,
        _ => return Ok(Content::Invalid(format!("it is larger than {READ_LIMIT} bytes"))),
    };
    let mut bytes = vec![0; len];
    let read = sys::read_from_start(file, &mut bytes).map_err(failed(Op::Read, path))?;
    Ok(Content::parse(&bytes[..read]))
}

/// Reads a file that says it is empty. Files of the kernel (proc(5), sysfs(5)) do whatever they hold:
/// one that is empty is one that ends at once.
fn content_of_empty(file: &File, path: &Path) -> Result<Content> {
    let mut first = [0];
    if sys::read_from_start(file, &mut first).map_err(failed(Op::Read, path))? == 0 {
        return Ok(Content::Blank);
    }
    // Between the question how long it is and the reading, its holder may have written the record.
    match sys::stat(file).map_err(failed(Op::Inspect, path))?.len {
        // The client of a network file system goes on saying so for a while.
        0 if sys::file_system(file).is_ok_and(|it| it.caches_length) => {
            let mut bytes = vec![0; READ_LIMIT + 1];
            let read = sys::read_from_start(file, &mut bytes).map_err(failed(Op::Read, path))?;
            Ok(Content::parse(&bytes[..read]))
        }
        0 => Ok(Content::Invalid("it says that it is empty, and is not".to_owned())),
        len => content(file, len, path),
    }
}

/// Reads the symbolic link at `path` as the lock of a program that uses such; `None` if it has gone.
///
/// # Errors
///
/// [`Error::NotALockfile`] where it is any other link. It is not followed.
pub(super) fn link(path: &Path) -> Result<Option<Record>> {
    let Some(target) = sys::link_target(path).map_err(failed(Op::Read, path))? else {
        return Ok(None);
    };
    let no_lock = || not_a_lockfile(path, Kind::SymbolicLink);
    if let Some(file) = sibling(path, Path::new(&target)) {
        return pid_file(file).map(Some).ok_or_else(no_lock);
    }
    target.to_str().and_then(parse_target).map(Some).ok_or_else(no_lock)
}

/// The target, if it is as u-root's lockfile package makes it: an absolute path in the directory of
/// the link, its name beginning with the link's and a dash. There, the file holds the PID.
fn sibling<'a>(path: &Path, target: &'a Path) -> Option<&'a Path> {
    let name = target.file_name()?.as_encoded_bytes();
    let own = path.file_name()?.as_encoded_bytes();
    let named_after = name.strip_prefix(own).is_some_and(|rest| rest.starts_with(b"-"));
    (target.is_absolute() && target.parent() == path.parent() && named_after).then_some(target)
}

fn pid_file(path: &Path) -> Option<Record> {
    let regular = |stat: &Stat| stat.kind == Kind::Regular;
    sys::path_stat(path).ok().flatten().filter(regular)?;
    let file = sys::open_to_read(path).ok()?;
    let stat = sys::stat(&file).ok().filter(regular)?;
    match content(&file, stat.len, path) {
        Ok(Content::Record(record)) => Some(*record),
        _ => None,
    }
}

/// Whether an open failed because the path no longer names a file.
pub(super) fn is_gone(err: &io::Error) -> bool {
    sys::is_gone(err) || sys::is_symlink_refusal(err)
}
