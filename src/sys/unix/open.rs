//! open(2) - opening files, without following, waiting for or acting on what is not a file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::libc;

use super::file_error::is_gone;
use super::file_stat::{directory, path_stat};

/// `O_NOFOLLOW`: a symbolic link is refused. `O_NONBLOCK`: a FIFO does not wait for its other end,
/// nor a device for a carrier or a medium. `O_NOCTTY`: a terminal does not become ours. (`O_CLOEXEC` is std's default.)
const FLAGS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;

/// How often a refusal is looked into that may be over a moment later.
const REFUSALS: u32 = 16;

/// Creates `path`, which must not exist, to read and write.
///
/// # Errors
///
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists) where the name is taken, also on a file system that
/// has no word for it: version 3 of SFTP answers "failure", of which sshfs makes EPERM.
pub(crate) fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    let mut refusals = 0;
    loop {
        let err = match try_create_new(path, mode) {
            Err(err) if may_be_over(&err, path) => err,
            result => return result,
        };
        if let Ok(Some(_)) = path_stat(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // A directory that admits no files at all (in proc(5), or by chattr(1) `+i`) refuses again and
        // again.
        refusals += 1;
        if refusals == REFUSALS {
            return Err(err);
        }
    }
}

/// Whether another file may have been in the way, and be removed by now; or whether the new file may
/// have been removed, on a file system that first makes it and then opens it (encfs).
fn may_be_over(err: &io::Error, path: &Path) -> bool {
    let dir = || path.parent().is_some_and(|dir| directory(dir).is_ok());
    err.raw_os_error() == Some(libc::EPERM) || (is_gone(err) && dir())
}

fn try_create_new(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(FLAGS)
        .open(path)
}

/// Opens the existing `path` to read and write.
///
/// Without `O_CREAT`, because in a sticky directory the kernel refuses to open another user's
/// file with it (`fs.protected_regular`, Linux 4.19).
pub(crate) fn open_to_write(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).custom_flags(FLAGS).open(path)
}

/// Opens the existing `path` to read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FLAGS).open(path)
}
