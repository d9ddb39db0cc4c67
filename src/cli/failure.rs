//! What the program says and exits with when it cannot go on.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tenure::{Error, Op};

use crate::exit::Exit;
use crate::sentence::sentence;
use crate::sys::is_shortage;
use crate::{printable, remedy};

/// The status for a lock that is held, `EX_TEMPFAIL`, where no option says otherwise.
pub(crate) const BUSY: u8 = 75;

/// A sentence for standard error, and an exit status.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    text: String,
}

impl Failure {
    /// The lock was not had. `busy` is the status for a lock that is held.
    pub(crate) fn locking(err: &Error, busy: u8) -> Self {
        let exit = match err {
            err if err.is_busy() => Exit::Busy(busy),
            Error::NotReady { .. } => Exit::Busy(busy),
            Error::InvalidPid { .. } | Error::NotALockfile { .. } | Error::Empty { .. } => {
                Exit::NotALockfile
            }
            Error::RogueDeletion { .. } | Error::Overwritten { .. } => Exit::Lost,
            Error::MessageTooLong { .. } | Error::InvalidName { .. } => Exit::Usage,
            Error::ProcessDead { .. } => Exit::NotPermitted,
            Error::Io { source, .. } if is_shortage(source) => Exit::System,
            Error::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                Exit::NotPermitted
            }
            Error::Io { op: Op::Create, .. } => Exit::CannotCreate,
            Error::Io { .. } => Exit::Io,
            _ => Exit::Unavailable,
        };
        Self { exit, text: remedy::of_locking(err) }
    }

    /// The holder was not signalled.
    #[cfg(unix)]
    pub(crate) fn signalling(err: &Error) -> Self {
        let exit = match err {
            Error::NotSignalled { .. } => Exit::NotPermitted,
            err => return Self::locking(err, BUSY),
        };
        Self { exit, text: remedy::of_signalling(err) }
    }

    /// The lockfile was not removed; `text` says why, and what to do instead.
    pub(crate) fn removing(err: &Error, text: String) -> Self {
        let exit = match err {
            Error::OtherHolder { .. } => Exit::Busy(BUSY),
            err => Self::locking(err, BUSY).exit,
        };
        Self { exit, text }
    }

    /// A lockfile was not removed, for what `text` says.
    pub(crate) fn other(exit: Exit, text: String) -> Self {
        Self { exit, text }
    }

    /// The state of the lock was not to be had.
    pub(crate) fn reading(err: &Error) -> Self {
        Self { exit: Exit::Unknown, text: sentence(err) }
    }

    /// The state of the lock was had, and could not be told.
    pub(crate) fn telling(err: &io::Error) -> Self {
        Self { exit: Exit::Unknown, text: format!("cannot write to standard output: {err}") }
    }

    /// A file that was asked for cannot be written in `dir`.
    #[cfg(unix)]
    pub(crate) fn writing(dir: &Path, err: &io::Error) -> Self {
        Self { exit: Exit::CannotCreate, text: format!("cannot write to {}: {err}", dir.display()) }
    }

    /// Standard output cannot be written to.
    #[cfg(unix)]
    pub(crate) fn printing(err: &io::Error) -> Self {
        Self { exit: Exit::Io, ..Self::telling(err) }
    }

    /// The command was not started.
    pub(crate) fn starting(command: &OsStr, err: &io::Error) -> Self {
        let exit = match err.kind() {
            _ if is_shortage(err) => Exit::System,
            ErrorKind::NotFound => Exit::CommandNotFound,
            _ => Exit::CannotExecute,
        };
        Self { exit, text: format!("cannot run {}: {err}", Path::new(command).display()) }
    }

    /// The system refused to `what`.
    pub(crate) fn system(what: &str, err: impl fmt::Display) -> Self {
        Self { exit: Exit::System, text: format!("cannot {what}: {err}") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Tells people, in one line that does nothing to a terminal, and that nobody who shares standard
/// error writes into. That nobody listens (a closed pipe, a full disk) is no reason to stop: the command
/// matters more, and so does the exit status.
pub(crate) fn say(text: impl fmt::Display) {
    // In one write. Standard error has no buffer: formatted into it, each piece would be one.
    let line = format!("tenure: {}\n", printable::text(&text.to_string()));
    let _ = io::stderr().write_all(line.as_bytes());
}
