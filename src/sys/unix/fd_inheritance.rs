//! `FD_CLOEXEC` of fcntl(2) - descriptors that go on in another program.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::libc;
use nix::sys::stat::fstat;

use super::file_id::FileId;
use crate::sys::stat::Stat;

/// Has the program of `command`, and no other, inherit a copy of `file`; its number there. The copy
/// lives for as long as `command` does.
#[expect(unsafe_code, reason = "what a child does before it executes is limited")]
pub(crate) fn pass_on(command: &mut Command, file: &File) -> io::Result<RawFd> {
    let copy: OwnedFd = file.as_fd().try_clone_to_owned()?;
    let number = copy.as_raw_fd();
    let keep = move || Ok(fcntl(&copy, FcntlArg::F_SETFD(FdFlag::empty())).map(drop)?);
    // SAFETY: the closure makes one system call, and touches no memory but its own.
    unsafe { command.pre_exec(keep) };
    Ok(number)
}

/// The number that an inherited descriptor has at least. Scripts write small ones (`exec 3<file`; 9
/// and 200 are customary for locks), and so would close it unawares.
const INHERITED_FROM: i32 = 300;

/// fcntl(2), `F_DUPFD` - another descriptor of the same open file, which the programs that this
/// process executes inherit, and its number.
pub(crate) fn inheritable(file: &File) -> io::Result<(OwnedFd, RawFd)> {
    let duplicate = |from| fcntl(file, FcntlArg::F_DUPFD(from));
    let number = match duplicate(INHERITED_FROM) {
        // This process may not have as many.
        Err(Errno::EINVAL) => duplicate(0)?,
        result => result?,
    };
    Ok((own(number), number))
}

#[expect(unsafe_code, reason = "nix returns a raw descriptor")]
fn own(fd: i32) -> OwnedFd {
    // SAFETY: the kernel has just made this descriptor for us, and nothing else knows of it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// The descriptor of that `number`, if it is of the file `id`. From here on, it is closed when this
/// process executes another program, or drops it.
///
/// The caller knows that the number was passed on to this program, by somebody who had that very
/// file open, and that nobody has taken it yet.
#[expect(unsafe_code, reason = "a descriptor that was inherited is known by its number")]
pub(crate) fn inherited(number: RawFd, id: FileId) -> io::Result<Option<File>> {
    // SAFETY: takes integers, and touches no memory.
    if number < 0 || unsafe { libc::fcntl(number, libc::F_GETFD) } == -1 {
        return Ok(None);
    }
    // SAFETY: it is open, as we have just seen; assumption: no other thread closes what is not its own.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    let same = Stat::from(fstat(borrowed)?).id == id;
    if !same {
        return Ok(None);
    }
    fcntl(borrowed, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    // SAFETY: it is open, and nobody owns it: the caller knows that it was inherited.
    Ok(Some(unsafe { File::from_raw_fd(number) }))
}
