//! What this user alone can have written.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::libc;
use nix::unistd::geteuid;
use tenure::READ_LIMIT;

/// More than a lockfile has.
const MOST: u64 = READ_LIMIT as u64 + 1;

/// What is in the file at `path`; `None` if another owns it or may write to it, or it cannot be read.
pub(crate) fn content(path: &Path) -> Option<Vec<u8>> {
    // Somebody may have put a FIFO or a link there since it was looked at.
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = File::options().read(true).custom_flags(flags).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let mut content = Vec::new();
    // The open file is asked: between asking the path and opening it, another may come there.
    if metadata.uid() != geteuid().as_raw() || metadata.mode() & 0o022 != 0 {
        return None;
    }
    file.take(MOST).read_to_end(&mut content).ok()?;
    Some(content)
}
