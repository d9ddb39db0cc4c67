//! Every status that the program exits with.

use std::process::ExitCode;

/// Why the program ends. The numbers from 64 on are those of sysexits.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As the command did: its status, or 128 and the signal that ended it.
    Command(u8),
    /// What was asked for was done.
    Done,
    /// Somebody holds the lock: `EX_TEMPFAIL`, or what `-E` says.
    Busy(u8),
    /// `run`: somebody holds the lock, and that is no matter.
    Skipped,
    /// `status`: somebody holds the lock.
    Held,
    /// `status`: the holder is proven dead.
    Stale,
    /// `status`: nobody holds the lock.
    Free,
    /// `status`: it cannot be told.
    Unknown,
    /// `signal`, `stop`, `break`: nobody holds the lock.
    NobodyHolds,
    /// `stop`: the holder has not ended.
    StillAlive,
    /// `doctor`: something can go wrong.
    Warned,
    /// `doctor`: something will go wrong.
    Bad,
    /// The command line is wrong.
    Usage,
    /// What is at the path is not a lockfile.
    NotALockfile,
    /// `flock`: the file cannot be locked.
    CannotLock,
    /// `flock`: the file cannot be opened.
    CannotOpen,
    /// The lockfile cannot be locked here.
    Unavailable,
    /// The system refused something that it usually grants.
    System,
    /// The lockfile cannot be created.
    CannotCreate,
    /// The lockfile cannot be read or written.
    Io,
    /// This user may not use the lockfile.
    NotPermitted,
    /// `run`: somebody removed or replaced the lockfile while the command ran.
    Lost,
    /// `flock`: the command cannot be executed.
    NotExecuted,
    /// The command is there but cannot be executed.
    CannotExecute,
    /// The command is not there.
    CommandNotFound,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Command(status) | Self::Busy(status) => status,
            Self::Held | Self::Done | Self::Skipped => 0,
            Self::Stale | Self::NobodyHolds | Self::Warned => 1,
            Self::StillAlive | Self::Bad => 2,
            Self::Free => 3,
            Self::Unknown => 4,
            Self::Usage => 64,
            Self::NotALockfile | Self::CannotLock => 65,
            Self::CannotOpen => 66,
            Self::Unavailable | Self::NotExecuted => 69,
            Self::System => 71,
            Self::CannotCreate => 73,
            Self::Io => 74,
            Self::NotPermitted => 77,
            Self::Lost => 79,
            Self::CannotExecute => 126,
            Self::CommandNotFound => 127,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
