//! Reading the content of a lockfile, however much of it there is.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::not_a_lockfile;
use crate::record::{Content, READ_LIMIT, Record, parse_target};
use crate::sabotage::{self, Guard};
use crate::sys::{self, Kind, Stat};

/// What the file says that `path` leads to, for whoever opens it anew; `None` if nothing is there.
pub(in crate::file) fn opened(path: &Path) -> Result<Option<Content>> {
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

pub(in crate::file) fn whole(file: &File, path: &Path) -> Result<Content> {
    content(file, sys::stat(file).map_err(failed(Op::Inspect, path))?.len, path)
}

/// Reads a file of `len` bytes, in one read where the system grants it.
pub(in crate::file) fn content(file: &File, len: u64, path: &Path) -> Result<Content> {
    if is_remembered(file) {
        return content_past_cache(file, path);
    }
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

/// Whether what the kernel remembers of `file` can be another file's.
fn is_remembered(file: &File) -> bool {
    !sabotage::without(Guard::PastCache) && sys::file_system(file).is_ok_and(|it| it.caches_content)
}

/// Reads the file itself, whatever length the kernel remembers.
fn content_past_cache(file: &File, path: &Path) -> Result<Content> {
    let mut bytes = vec![0; READ_LIMIT + 1];
    let read = sys::read_past_cache(file, &mut bytes).map_err(failed(Op::Read, path))?;
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
        0 => Ok(Content::Invalid("it says that it is empty, and is not".to_owned())),
        len => content(file, len, path),
    }
}

/// Reads the symbolic link at `path` as the lock of a program that uses such; `None` if it has gone.
///
/// # Errors
///
/// [`Error::NotALockfile`] where it is any other link. It is not followed.
pub(in crate::file) fn link(path: &Path) -> Result<Option<Record>> {
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
pub(in crate::file) fn is_gone(err: &io::Error) -> bool {
    sys::is_gone(err) || sys::is_symlink_refusal(err)
}
