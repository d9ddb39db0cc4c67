//! Whether there is room for a lockfile: one can be made, and a record be written into it.

use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;

use nix::unistd::geteuid;

use crate::doctor::finding::Finding;
use crate::doctor::scratch::Scratch;

const ABOUT: &str = "disk";

/// More than a record ever takes; and less would fit behind what is there already.
const BLOCK: [u8; 4096] = [b' '; 4096];

/// Why no file could be made in `dir`, which `err` was said of.
pub(super) fn is_none(dir: &Path, err: &io::Error) -> Finding {
    let dir = dir.display();
    if let Some(finding) = full(err) {
        return finding;
    }
    if err.kind() == ErrorKind::ReadOnlyFilesystem {
        let text = format!("the file system of {dir} is read-only: no lockfile can be made there");
        return Finding::bad(ABOUT, text)
            .remedy("choose a directory that can be written to, as /run, or mount it so");
    }
    let text = format!("could not be tried: no file can be made in {dir}: {err}");
    let remedy = if err.kind() == ErrorKind::PermissionDenied && !geteuid().is_root() {
        "ask again as the user who is to lock"
    } else {
        "choose another directory"
    };
    Finding::note("flock", text).remedy(remedy)
}

/// That a file can be made, but nothing be written into it.
pub(super) fn lacks(scratch: &Scratch) -> Option<Finding> {
    let mut file = &scratch.file;
    let written = file.write_all(&BLOCK).and_then(|()| file.sync_data());
    // As it was before: it counts as nobody's lockfile only while it is empty.
    let emptied = file.seek(SeekFrom::Start(0)).and_then(|_| file.set_len(0));
    written.and(emptied).err().as_ref().and_then(full)
}

fn full(err: &io::Error) -> Option<Finding> {
    let text = match err.kind() {
        ErrorKind::StorageFull => "the disk is full: no record can be written",
        ErrorKind::FileTooLarge => {
            "the limit on the size of files (ulimit -f) leaves room for no record"
        }
        ErrorKind::QuotaExceeded => "this user's quota is used up: no record can be written",
        _ => return None,
    };
    let remedy = "free some space, and some inodes (df -h, df -i)";
    Some(Finding::bad(ABOUT, format!("{text}: {err}")).remedy(remedy))
}
