//! fcntl(2), `F_OFD_SETLK` - marks that those who use a lockfile put on it for each other.
//!
//! A mark is a lock on one byte that nothing else uses. It belongs to the open file description,
//! and so it goes with the death of whoever set it, who does not see its own.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

use crate::sys::mark::Mark;

/// How many bytes are kept for marks, those of versions to come included.
const ROOM: libc::off_t = 16;

/// The first byte that can be a mark. A lock below it is no mark.
pub(super) const FIRST: libc::off_t = libc::off_t::MAX - ROOM;

/// The offset of a descriptor that is marked with [`Mark::Opens`]: one that every file system allows,
/// and that no program is likely to come to. Nothing else uses the offset.
///
/// That mark lasts, and whoever sets it does not contend. So it is no lock, which would refuse a
/// program that locks the whole file.
pub(super) const OPENS: u64 = 0x7465_6e75;

impl Mark {
    /// The byte: far beyond every record, and beyond what a program that locks its file by fcntl(2)
    /// is likely to name.
    fn byte(self) -> libc::off_t {
        libc::off_t::MAX - 1 - self as libc::off_t
    }

    fn kind(self) -> i32 {
        match self {
            Self::Waits | Self::Shares | Self::Looks | Self::Opens | Self::Creates => libc::F_RDLCK,
            Self::Writes | Self::Hands => libc::F_WRLCK,
        }
    }
}

/// Whether the kernel's structure is the one that the C library declares: with offsets of 32 bits,
/// it is another.
pub(super) const FITS: bool = size_of::<libc::off_t>() == 8;

/// Whether those who take a shared lock only to look can say so with [`Mark::Looks`].
pub(crate) const TELLS_READERS: bool = FITS;

/// Whether `mark` can be set and seen.
pub(crate) fn has_mark(mark: Mark) -> bool {
    FITS || mark == Mark::Opens
}

/// Sets `mark`, until [`unmark`] or the closing of `file`; whether it could be.
pub(crate) fn mark(file: &File, mark: Mark) -> io::Result<bool> {
    if mark == Mark::Opens {
        let mut file = file;
        return Ok(file.seek(SeekFrom::Start(OPENS))? == OPENS);
    }
    if !FITS {
        return Err(io::ErrorKind::Unsupported.into());
    }
    match set(file, mark.kind(), mark) {
        // It is ours alone now. As a read lock it still is, and does not refuse the programs that take
        // a read lock on the whole file.
        Ok(()) if mark == Mark::Writes => Ok(set(file, libc::F_RDLCK, mark).map(|()| true)?),
        Ok(()) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(err) => Err(err.into()),
    }
}

/// The same, waiting for as long as another has set a mark that excludes it.
pub(crate) fn wait_to_mark(file: &File, mark: Mark) -> io::Result<()> {
    if !FITS {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let lock = lock(mark.kind(), mark);
    Ok(retry(|| fcntl(file, FcntlArg::F_OFD_SETLKW(&lock)))?)
}

/// Takes `mark` off.
pub(crate) fn unmark(file: &File, mark: Mark) -> io::Result<()> {
    if FITS { Ok(set(file, libc::F_UNLCK, mark)?) } else { Ok(()) }
}

/// Whether anybody has set `mark` but by way of `file`.
pub(crate) fn is_marked(file: &File, mark: Mark) -> io::Result<bool> {
    if !FITS {
        return Ok(false);
    }
    let mut lock = lock(libc::F_WRLCK, mark);
    retry(|| fcntl(file, FcntlArg::F_OFD_GETLK(&mut lock)))?;
    // A program that locks the whole file has set no mark. The kernel joins the marks of one descriptor
    // that are neighbors, and answers with all of them.
    Ok(i32::from(lock.l_type) != libc::F_UNLCK && lock.l_start >= FIRST)
}

fn set(file: &File, kind: i32, mark: Mark) -> nix::Result<()> {
    let lock = lock(kind, mark);
    retry(|| fcntl(file, FcntlArg::F_OFD_SETLK(&lock)))
}

/// A lock of the `kind` on the byte of `mark`.
#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
fn lock(kind: i32, mark: Mark) -> libc::flock {
    libc::flock {
        l_type: kind as _,
        l_whence: libc::SEEK_SET as _,
        l_start: mark.byte(),
        l_len: 1,
        l_pid: 0,
    }
}

pub(super) fn retry(mut call: impl FnMut() -> nix::Result<i32>) -> nix::Result<()> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result.map(drop),
        }
    }
}

// With offsets of 32 bits there are no marks, and an emulator knows no leases.
#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn marks_that_are_neighbors_are_each_seen() {
        let path = std::env::temp_dir().join(format!("tenure-marks-{}", std::process::id()));
        let open = |options: &mut std::fs::OpenOptions| options.read(true).write(true).open(&path);
        let file = open(File::options().create_new(true)).unwrap();
        let other = open(&mut File::options()).unwrap();
        for neighbor in [Mark::Waits, Mark::Shares] {
            assert!(mark(&file, neighbor).unwrap());
        }
        assert!(is_marked(&other, Mark::Waits).unwrap());
        assert!(is_marked(&other, Mark::Shares).unwrap());
        unmark(&file, Mark::Shares).unwrap();
        assert!(is_marked(&other, Mark::Waits).unwrap());
        assert!(!is_marked(&other, Mark::Shares).unwrap());
        crate::sys::unix::names::unlink(&path).unwrap();
    }
}
