//! A program that knows only one of the kernel's locks: it opens or creates the file, locks it, and works.
//! It does not look whether the path still names the file, and reads and removes nothing.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

use crate::oracle::Lock;
use crate::random::Random;

#[derive(Debug)]
pub(crate) struct Stranger {
    path: PathBuf,
    lock: Lock,
    /// The users of which locks it takes to be kept out.
    pub(crate) excludes: &'static [Lock],
    file: Option<File>,
}

impl Stranger {
    pub(crate) fn new(path: &Path, lock: Lock, excludes: &'static [Lock]) -> Self {
        Self { path: path.to_owned(), lock, excludes, file: None }
    }

    /// Opens the file, or creates it.
    pub(crate) fn open(&mut self) {
        let mut options = File::options();
        let open = options.read(true).write(true).create(true).truncate(false).open(&self.path);
        self.file = Some(open.expect("to open"));
    }

    /// Locks the file, or tries to; whether it is locked now.
    pub(crate) fn acquire(&mut self, random: &mut Random) -> bool {
        let file = self.file.as_ref().expect("it is open");
        let waits = random.once_in(2);
        let locked = match self.lock {
            Lock::Flock => flock(file, waits),
            Lock::Fcntl => lock_bytes(file, waits),
        };
        if !locked {
            self.file = None;
        }
        locked
    }

    /// Closing unlocks both kinds.
    pub(crate) fn release(&mut self) {
        self.file = None;
    }
}

#[expect(unsafe_code, reason = "flock(2), without this crate")]
fn flock(file: &File, waits: bool) -> bool {
    let how = if waits { libc::LOCK_EX } else { libc::LOCK_EX | libc::LOCK_NB };
    // SAFETY: flock takes a descriptor, which is open, and a flag.
    let locked = unsafe { libc::flock(file.as_raw_fd(), how) };
    assert!(locked == 0 || Errno::last() == Errno::EWOULDBLOCK, "{}", Errno::last());
    locked == 0
}

#[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
fn lock_bytes(file: &File, waits: bool) -> bool {
    let all = libc::flock {
        l_type: libc::F_WRLCK as _,
        l_whence: libc::SEEK_SET as _,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    let how = if waits { FcntlArg::F_SETLKW(&all) } else { FcntlArg::F_SETLK(&all) };
    match fcntl(file, how) {
        Ok(_) => true,
        Err(Errno::EAGAIN | Errno::EACCES) => false,
        Err(err) => panic!("fcntl: {err}"),
    }
}
