//! What is locked: a file or directory that is opened for it, or a descriptor that is there.

use std::ffi::OsStr;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl, open};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, stat};
use nix::unistd::{AccessFlags, access};

use super::refusal::Refusal;
use crate::args::integer;
use crate::exit::Exit;

/// As the command line has it.
#[derive(Debug)]
pub(super) enum Target {
    Descriptor(RawFd),
    Path(PathBuf),
}

/// Open, for the command as well: it is not closed on exec.
#[derive(Debug)]
pub(super) enum Opened {
    /// By whoever started us.
    Before(RawFd),
    Here(OwnedFd),
}

impl AsRawFd for Opened {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Self::Before(number) => *number,
            Self::Here(file) => file.as_raw_fd(),
        }
    }
}

impl Opened {
    /// A command does not get it.
    pub(super) fn close_on_exec(&self) -> nix::Result<()> {
        match self {
            Self::Before(_) => Ok(()),
            Self::Here(file) => fcntl(file, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).map(drop),
        }
    }
}

impl Target {
    pub(super) fn path(path: &OsStr) -> Self {
        Self::Path(path.into())
    }

    pub(super) fn descriptor(number: &OsStr) -> Result<Self, Refusal> {
        let text = number.to_string_lossy();
        let wrong = |why| Refusal::usage(format_args!("bad file descriptor: '{text}'{why}"));
        integer(&text).map(Self::Descriptor).map_err(wrong)
    }

    /// As messages have it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Descriptor(number) => number.to_string(),
            Self::Path(path) => path.display().to_string(),
        }
    }

    /// Where the file is, whatever links lead there; as far as that can be told.
    pub(super) fn find(&self) -> Option<PathBuf> {
        match self {
            Self::Descriptor(number) => fs::canonicalize(format!("/dev/fd/{number}")).ok(),
            Self::Path(path) => fs::canonicalize(path).ok(),
        }
    }

    /// Whether another way to open it could be tried.
    pub(super) fn may_be_written(&self) -> bool {
        let wanted = AccessFlags::R_OK | AccessFlags::W_OK;
        matches!(self, Self::Path(path) if access(path, wanted).is_ok())
    }

    /// Opens it to read, or to write as well.
    pub(super) fn open(&self, how: OFlag) -> Result<Opened, Refusal> {
        let path = match self {
            Self::Descriptor(number) => return Ok(Opened::Before(*number)),
            Self::Path(path) => path,
        };
        let mode = Mode::from_bits_truncate(0o666);
        let file = match open(path, how | OFlag::O_CREAT | OFlag::O_NOCTTY, mode) {
            // So it is for a directory, which is there and need not be created.
            Err(Errno::EISDIR) => open(path, OFlag::O_RDONLY | OFlag::O_NOCTTY, mode),
            file => file,
        };
        file.map(Opened::Here).map_err(|err| {
            let exit = match err {
                Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE => Exit::System,
                Errno::EROFS | Errno::ENOSPC => Exit::CannotCreate,
                _ => Exit::CannotOpen,
            };
            Refusal::because(exit, format_args!("cannot open lock file {}", self.name()), err)
        })
    }

    /// Whether the path names another file than `file` by now, or none.
    pub(super) fn has_left(&self, file: &Opened) -> bool {
        match (self, file) {
            (Self::Path(path), Opened::Here(file)) => is_replaced(path, file),
            _ => false,
        }
    }
}

/// Only for a file, since only a file would be created again; and where it cannot be told (a
/// directory that may not be searched any more), the file that was opened has to do.
fn is_replaced(path: &Path, file: &OwnedFd) -> bool {
    let identity = |stat: &FileStat| (stat.st_dev, stat.st_ino);
    let kind = |stat: &FileStat| SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
    match (fstat(file), stat(path)) {
        (Ok(ours), _) if kind(&ours) != SFlag::S_IFREG => false,
        (Ok(ours), Ok(theirs)) => identity(&ours) != identity(&theirs),
        (Ok(_), Err(err)) => err == Errno::ENOENT,
        (Err(_), _) => false,
    }
}
