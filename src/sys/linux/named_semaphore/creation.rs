//! Making a semaphore so that a death in the middle leaves nothing behind.
//!
//! `sem_open(3)` of the GNU C library writes a new semaphore into a file `/dev/shm/sem.XXXXXX`, gives it
//! its name by link(2), and removes the first name. A process that is killed in between leaves that
//! file for ever. Nobody can clear it away safely: it looks like a semaphore called `/XXXXXX` that
//! no process has open just now. So we write the semaphore into a file that has no name yet
//! (`O_TMPFILE`), which goes with the process, and give it its name last.

use std::ffi::{CStr, OsStr};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::libc;
use nix::unistd::linkat;

const DIRECTORY: &str = "/dev/shm";

/// The file in which the C library keeps the semaphore `name`.
pub(crate) fn place(name: &CStr) -> PathBuf {
    let name = name.to_bytes().strip_prefix(b"/").unwrap_or(name.to_bytes());
    Path::new(DIRECTORY).join(OsStr::from_bytes(&[b"sem.", name].concat()))
}

/// Makes the semaphore, which can be taken once. The caller opens it, whichever process made it.
///
/// # Errors
///
/// There may be no such semaphore, and nothing is left behind.
pub(super) fn make(name: &CStr, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .mode(mode)
        .custom_flags(libc::O_TMPFILE)
        .open(DIRECTORY)?;
    file.write_all(&new()?)?;
    // The one way to link a file without a name that needs no rights.
    let file = format!("/proc/self/fd/{}", file.as_raw_fd());
    match linkat(AT_FDCWD, &*file, AT_FDCWD, &place(name), AtFlags::AT_SYMLINK_FOLLOW) {
        Ok(()) | Err(Errno::EEXIST) => Ok(()),
        Err(err) => Err(err.into()),
    }
}

/// The bytes of a semaphore that processes share, and that can be taken once.
fn new() -> io::Result<[u8; size_of::<libc::sem_t>()]> {
    let mut memory = MaybeUninit::<libc::sem_t>::zeroed();
    // SAFETY: the memory is ours. There is nothing to destroy afterwards: the C library keeps nothing
    // else of a semaphore.
    Errno::result(unsafe { libc::sem_init(memory.as_mut_ptr(), 1, 1) })?;
    let bytes = memory.as_ptr().cast::<[u8; size_of::<libc::sem_t>()]>();
    // SAFETY: all bytes were initialised, with zeros at least, and any of them is a `u8`.
    Ok(unsafe { bytes.read() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What `sem_open(3)` makes, and what we do, are the same.
    #[test]
    fn it_is_the_semaphore_that_the_c_library_makes() {
        let name = |which: &str| {
            std::ffi::CString::new(format!("/tenure-birth-{}-{which}", std::process::id())).unwrap()
        };
        let (theirs, ours) = (name("theirs"), name("ours"));
        let (mode, once): (libc::c_uint, libc::c_uint) = (0o600, 1);
        // SAFETY: the name ends with a NUL, and the rest is what O_CREAT asks for.
        let opened = unsafe { libc::sem_open(theirs.as_ptr(), libc::O_CREAT, mode, once) };
        assert_ne!(opened, libc::SEM_FAILED);
        make(&ours, 0o600).unwrap();
        make(&ours, 0o600).unwrap();
        let bytes = [&theirs, &ours].map(|name| fs::read(place(name)).unwrap());
        let modes = [&theirs, &ours].map(|name| fs::metadata(place(name)).unwrap().permissions());
        for name in [&theirs, &ours] {
            // SAFETY: the name ends with a NUL.
            assert_eq!(unsafe { libc::sem_unlink(name.as_ptr()) }, 0);
        }
        assert_eq!(bytes[0], bytes[1]);
        assert_eq!(modes[0], modes[1]);
    }
}
