//! fcntl(2), `F_OFD_SETLK` - a mark that those who wait for a file's lock put on it.
//!
//! The mark is a shared lock on one byte that nothing else uses. It belongs to the open file
//! description, and so it goes with the death of whoever waits, and a waiter does not see its own.

use std::fs::File;
use std::io;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// The byte: far beyond every record, and beyond what a program that locks its file by fcntl(2)
/// is likely to name.
const BYTE: libc::off_t = libc::off_t::MAX - 1;

/// Marks `file`, until [`unmark`] or its closing.
pub(crate) fn mark(file: &File) -> io::Result<()> {
    set(file, libc::F_RDLCK)
}

/// Takes the mark of `file` off.
pub(crate) fn unmark(file: &File) -> io::Result<()> {
    set(file, libc::F_UNLCK)
}

/// Whether anybody but `file` has put a mark on the file.
pub(crate) fn is_marked(file: &File) -> io::Result<bool> {
    let mut lock = byte(libc::F_WRLCK);
    retry(|| fcntl(file, FcntlArg::F_OFD_GETLK(&mut lock)))?;
    Ok(i32::from(lock.l_type) != libc::F_UNLCK)
}

fn set(file: &File, kind: i32) -> io::Result<()> {
    let lock = byte(kind);
    retry(|| fcntl(file, FcntlArg::F_OFD_SETLK(&lock)))
}

/// A lock of the `kind` on the byte.
#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
fn byte(kind: i32) -> libc::flock {
    libc::flock {
        l_type: kind as _,
        l_whence: libc::SEEK_SET as _,
        l_start: BYTE,
        l_len: 1,
        l_pid: 0,
    }
}

fn retry(mut call: impl FnMut() -> nix::Result<i32>) -> io::Result<()> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return Ok(result.map(drop)?),
        }
    }
}
