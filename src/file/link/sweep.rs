//! What the dead have left beside the lockfile.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::file::at_name::bears;
use crate::file::before::Before;
use crate::file::beside::{Beside, nonce};
use crate::file::content;
use crate::file::link::primitive::PRIMITIVE;
use crate::holder::Holder;
use crate::probe;
use crate::record::{Content, Record};
use crate::sys::{self, FileId, Kind};
use crate::verdict::{KernelLock, Verdict};

/// Sweeps up beside the lockfile at `path`, whose holder is this process with `record`, in the file
/// `id`; tells of a dead holder that was moved aside, be it by us or by another contender.
///
/// Does what it can: what cannot be listed, read or removed stays for the next holder.
pub(in crate::file) fn sweep(path: &Path, file: &File, id: FileId, record: &Record) -> Before {
    let mut before = Before::default();
    let left = left(path);
    if left.is_empty() {
        return before;
    }
    // H4. The names first, and our own lockfile after that. Whatever is claimed by a name from before
    // was at the path before; and since ours is there now, it was there all the time, and what was
    // claimed will not come back (H5): so these claims are about nothing, whoever made them.
    if !is_at(path, file, id, record) {
        return before;
    }
    // But for a claim on ourselves: somebody breaks us, and there may be claims on that claim. It is
    // looked for now, because names are not listed at one moment: between the listing of this name
    // and that of the next, both claims may have been made, and then only the later one was listed.
    let own = Beside::Claim.of(path, nonce(record).unwrap_or_default());
    let is_claimed = !matches!(sys::path_stat(&own), Ok(None));
    for (kind, name) in left {
        let Some((content, verdict)) = read(&name) else { continue };
        let done = match (kind, &content) {
            // The author of a draft only has to write another, should it be alive after all.
            (Beside::Draft, Content::Blank | Content::Torn)
            | (Beside::Stale, Content::Record(_)) => true,
            (Beside::Draft, Content::Record(_)) => verdict != Verdict::Live,
            (Beside::Claim, Content::Record(_)) => !is_claimed,
            _ => false,
        };
        if !done {
            continue;
        }
        if kind == Beside::Stale {
            let left_by = Holder::of(content, verdict, false).map(Box::new);
            before = Before { left_by, abandoned: true, found: false };
        }
        let _ = sys::unlink(&name);
    }
    before
}

/// Whether the lockfile is what is at `path`. Where another host may have removed it, and this one
/// remembers its number, the nonce tells.
fn is_at(path: &Path, file: &File, id: FileId, record: &Record) -> bool {
    if sys::is_surely_local(file) {
        let named = sys::path_stat(path).ok().flatten();
        return named.is_some_and(|named| named.id == id);
    }
    bears(path, nonce(record).unwrap_or_default()).unwrap_or(false)
}

/// What is beside the lockfile: its kind, and its path.
fn left(path: &Path) -> Vec<(Beside, PathBuf)> {
    let dir = path.parent().unwrap_or(path);
    let names = sys::names_in(dir).unwrap_or_default();
    let ours = |name: &OsString| Some((Beside::read(path, name)?, path.with_file_name(name)));
    names.iter().filter_map(ours).collect()
}

/// A regular file's content, and the verdict on it.
fn read(name: &Path) -> Option<(Content, Verdict)> {
    sys::path_stat(name).ok().flatten().filter(|stat| stat.kind == Kind::Regular)?;
    let file = sys::open_to_read(name).ok()?;
    let content = content::whole(&file, name).ok()?;
    let verdict = probe::verdict(&content, Some(&file), KernelLock::Free, PRIMITIVE);
    Some((content, verdict))
}
