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
    #[cfg(unix)]
    StillAlive,
    /// `doctor`: something can go wrong.
    #[cfg(unix)]
    Warned,
    /// `doctor`: something will go wrong.
    #[cfg(unix)]
    Bad,
    /// The command line is wrong.
    Usage,
    /// What is at the path is not a lockfile.
    NotALockfile,
    /// `flock`: the file cannot be locked.
    #[cfg(unix)]
    CannotLock,
    /// `flock`: the file cannot be opened.
    #[cfg(unix)]
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
    #[cfg(unix)]
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
            Self::Stale | Self::NobodyHolds => 1,
            #[cfg(unix)]
            Self::Warned => 1,
            #[cfg(unix)]
            Self::StillAlive | Self::Bad => 2,
            Self::Free => 3,
            Self::Unknown => 4,
            Self::Usage => 64,
            Self::NotALockfile => 65,
            #[cfg(unix)]
            Self::CannotLock => 65,
            #[cfg(unix)]
            Self::CannotOpen => 66,
            Self::Unavailable => 69,
            #[cfg(unix)]
            Self::NotExecuted => 69,
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

/// All of them, by number, for `--help` and the manual.
#[cfg(unix)]
pub(crate) const TABLE: &str = "\
Exit status:
  0    done; `status`: held; `run`, `exec` with --on-busy=skip: held, and that is no matter
  1    `status`: stale; `signal`, `stop`, `break`: nobody holds the lock; `doctor`: a warning
  2    `stop`: the holder has not ended; `doctor`: something is wrong
  3    `status`: free
  4    `status`: it cannot be told; `list`: something cannot be read
  64   the command line is wrong
  65   what is at the path is not a lockfile; `flock`: the file cannot be locked
  66   `flock`: the file cannot be opened
  69   the lockfile cannot be locked here; `flock`: the command cannot be executed
  71   the system refuses what it usually grants
  73   the lockfile cannot be created
  74   the lockfile cannot be read or written
  75   somebody holds the lock, or the wait is over (-E chooses another)
  77   this user may not use the lockfile, or may not signal its holder
  79   `run`: the lock was lost while the command ran
  126  the command cannot be executed
  127  the command is not there
  128  and the number of the signal that ended the command
Otherwise, and where these are the command's: its own. `flock` has those of flock(1).";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_in_the_table() {
        let all = [
            Exit::Busy(75),
            Exit::Done,
            Exit::Skipped,
            Exit::Held,
            Exit::Stale,
            Exit::Free,
            Exit::Unknown,
            Exit::NobodyHolds,
            Exit::StillAlive,
            Exit::Warned,
            Exit::Bad,
            Exit::Usage,
            Exit::NotALockfile,
            Exit::CannotLock,
            Exit::CannotOpen,
            Exit::Unavailable,
            Exit::System,
            Exit::CannotCreate,
            Exit::Io,
            Exit::NotPermitted,
            Exit::Lost,
            Exit::NotExecuted,
            Exit::CannotExecute,
            Exit::CommandNotFound,
        ];
        for exit in all {
            let line = format!("\n  {:<4} ", exit.code());
            assert!(TABLE.contains(&line), "{exit:?}");
        }
    }
}
