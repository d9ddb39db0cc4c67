//! What can go wrong, told so that whoever reads it at three in the morning knows what to do.

mod whom;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::whom::{Blame, Instead, Name, Unready};
use crate::holder::Holder;
use crate::record::MESSAGE_LIMIT;
use crate::verdict::Verdict;

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a lock was not acquired, not released, or not read.
///
/// The text of an error is one lower-case sentence: what happened, to which path, who holds the
/// lock, and what to do. It leaves out what [`source`](std::error::Error::source) says. Text that
/// comes out of a lockfile is escaped in it.
///
/// # Examples
///
/// ```
/// use tenure::{Error, Lockfile};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("backupd.pid");
/// let first = Lockfile::acquire(&path)?;
/// match Lockfile::acquire(&path) {
///     Err(Error::Busy { holder: Some(holder), .. }) => {
///         assert_eq!(holder.pid(), std::process::id());
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody else holds the lock, or it cannot be proven that nobody does.
    #[error("{} is locked by {}", path.display(), Blame(holder.as_deref(), obstacle.as_deref()))]
    Busy {
        /// The lockfile.
        path: PathBuf,
        /// Who holds it; `None` while its holder has not written its record yet.
        holder: Option<Box<Holder>>,
        /// What is in the way, and what to do about it, where it is not a holder of the lockfile: see
        /// [`PosixSemaphore`](crate::PosixSemaphore).
        obstacle: Option<String>,
    },
    /// The time to wait was over before the lock was free.
    #[error(
        "{} was not free within {}: it is locked by {}",
        path.display(), humantime::format_duration(*limit),
        Blame(holder.as_deref(), obstacle.as_deref())
    )]
    Timeout {
        /// The lockfile.
        path: PathBuf,
        /// How long was to be waited.
        limit: Duration,
        /// Who held the lock at the end.
        holder: Option<Box<Holder>>,
        /// As in [`Error::Busy`].
        obstacle: Option<String>,
    },
    /// The time to wait was over before there was a holder that is ready.
    #[error(
        "{} had no holder that was ready within {}: {}",
        path.display(), humantime::format_duration(*limit), Unready(holder.as_deref())
    )]
    NotReady {
        /// The lockfile.
        path: PathBuf,
        /// How long was to be waited.
        limit: Duration,
        /// Who held the lock at the end, if anybody did.
        holder: Option<Box<Holder>>,
    },
    /// The wait was called off by its [`Cancel`](crate::Cancel).
    #[error(
        "waiting for {} was called off; it is locked by {}",
        path.display(), Blame(holder.as_deref(), obstacle.as_deref())
    )]
    Cancelled {
        /// The lockfile.
        path: PathBuf,
        /// Who held the lock at the end.
        holder: Option<Box<Holder>>,
        /// As in [`Error::Busy`].
        obstacle: Option<String>,
    },
    /// The thread that would wait for the lock is the one that acquired it.
    #[error(
        "waiting for {} would never end: this thread holds it through another value; release that \
         one first, or use the same",
        path.display()
    )]
    Deadlock {
        /// The lockfile.
        path: PathBuf,
    },
    /// Somebody removed or replaced the lockfile while it was held, so that another process may
    /// have held the lock at the same time.
    #[error(
        "the lockfile {} was {} while it was held: another process may have been admitted \
         meanwhile; check what it protects, and find out who {} it",
        path.display(), how(*replaced), how(*replaced)
    )]
    RogueDeletion {
        /// Where the lockfile was.
        path: PathBuf,
        /// Whether another file is there now.
        replaced: bool,
    },
    /// Somebody wrote something else into the lockfile while it was held. What they wrote was left.
    #[error(
        "somebody wrote over the lockfile {} while it was held: what they wrote was left as it is; \
         find out which program uses the same path",
        path.display()
    )]
    Overwritten {
        /// The lockfile.
        path: PathBuf,
    },
    /// This program closed the descriptor of the lockfile, and with it gave up the lock. Nothing was
    /// written, unlocked or closed: the number may be another file's now.
    #[error(
        "this program closed the descriptor of {}, and so lost the lock: acquire the lock after the \
         descriptors are closed",
        path.display()
    )]
    DescriptorClosed {
        /// The lockfile.
        path: PathBuf,
    },
    /// The file is empty, or its record is cut short before it names anybody, and nobody has a kernel
    /// lock on it. That proves nothing, so it was left. A contender for the lock takes it over.
    #[error(
        "{} is empty: nobody has a kernel lock on it, and it names nobody; it was left as it is: look \
         which program made it",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something that is not a lockfile's. It was left as it is.
    #[error(
        "{} is not a lockfile: {reason}; it was left as it is: choose another path",
        path.display()
    )]
    InvalidPid {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        reason: String,
    },
    /// The holder is dead, or was to be taken for dead ([`Foreign::Break`](crate::Foreign), for one), but
    /// this process is not able to take its lockfile over: it may not write to it, or would have to by another [`Backend`](crate::Backend) than the holder's, whose lock may have
    /// outlived it.
    #[error(
        "{} {} left by {holder} ({}), but this process cannot take it over: {obstacle}",
        path.display(),
        if matches!(holder.verdict(), Verdict::Stale(_)) { "is stale," } else { "was" },
        holder.verdict()
    )]
    ProcessDead {
        /// The lockfile.
        path: PathBuf,
        /// Who left it.
        holder: Box<Holder>,
        /// What stands in the way, and what to do.
        obstacle: Cow<'static, str>,
    },
    /// It is not proven that the process that the lockfile names is the holder, or the lockfile may be
    /// written to by those who could not signal that process themselves. Nothing was signalled.
    #[error(
        "{} is locked by {}, which was not signalled: {obstacle}", path.display(), Name(holder.as_deref())
    )]
    NotSignalled {
        /// The lockfile.
        path: PathBuf,
        /// Who holds it, by its own word.
        holder: Option<Box<Holder>>,
        /// What is not proven, and what to do.
        obstacle: &'static str,
    },
    /// The lockfile is not that of the holder whose lock was to be broken. It was left as it is.
    #[error(
        "{} is not that of the holder to be removed: {}; it was left as it is: look at it again",
        path.display(), Instead(holder.as_deref())
    )]
    OtherHolder {
        /// The lockfile.
        path: PathBuf,
        /// Whose it is; `None` where it has no record.
        holder: Option<Box<Holder>>,
    },
    /// This value holds the lock already.
    #[error("{} is already held through this value", path.display())]
    AlreadyHeld {
        /// The lockfile.
        path: PathBuf,
    },
    /// This value does not hold the lock; in a forked child, that of its parent it never does.
    #[error("{} is not held through this value by this process", path.display())]
    NotHeld {
        /// The lockfile.
        path: PathBuf,
    },
    /// The path names something else than a regular file. It was not touched.
    #[error(
        "{} is {kind}, not a regular file; it was not touched: choose another path",
        path.display()
    )]
    NotALockfile {
        /// The path.
        path: PathBuf,
        /// What it names, with an article: "a directory".
        kind: &'static str,
    },
    /// The name cannot be that of a lock.
    #[error("{name:?} cannot be the name of a lock: {reason}")]
    InvalidName {
        /// The name.
        name: String,
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The message does not fit into a record. Nothing was cut, and nothing was done.
    #[error("the message for {} has {length} bytes, and at most {MESSAGE_LIMIT} fit", path.display())]
    MessageTooLong {
        /// The lockfile.
        path: PathBuf,
        /// The length of the message in bytes.
        length: usize,
    },
    /// The file system or the platform does not offer what the backend needs.
    #[error("{} cannot be locked by {backend} here: {remedy}", path.display())]
    Unsupported {
        /// The lockfile.
        path: PathBuf,
        /// The backend that was asked.
        backend: String,
        /// What to use instead.
        remedy: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused an operation.
    #[error("cannot {op} {}{}", path.display(), remedy(*op, source))]
    Io {
        /// What was tried.
        op: Op,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What was tried when the system refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Op {
    /// To create the lockfile.
    Create,
    /// To open the existing lockfile.
    Open,
    /// To ask what the path names.
    Inspect,
    /// To lock the file.
    Lock,
    /// To wait for the lock.
    Wait,
    /// To unlock the file.
    Unlock,
    /// To read the record.
    Read,
    /// To write the record of a new holder.
    Write,
    /// To write what is to be known of a lock that is held. It is still held.
    Rewrite,
    /// To remove the lockfile.
    Remove,
    /// To be told what others do to the lockfile.
    Watch,
    /// To signal its holder.
    Signal,
    /// To execute the program that is to hold the lock.
    Execute,
    /// To pass the lock on to another process.
    Pass,
    /// To receive the lock from another process.
    Receive,
    /// To tell the service manager, once the record was written.
    Notify,
    /// To find or make the directory for a named lock.
    Place,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create the lockfile",
            Self::Open => "open the lockfile",
            Self::Inspect => "inspect",
            Self::Lock => "lock",
            Self::Wait => "wait for",
            Self::Unlock => "unlock",
            Self::Read => "read the lockfile",
            Self::Write => "write the lockfile",
            Self::Rewrite => "rewrite the lockfile",
            Self::Remove => "remove the lockfile",
            Self::Watch => "watch",
            Self::Execute => "execute",
            Self::Signal => "signal the holder of",
            Self::Pass => "pass on",
            Self::Receive => "receive",
            Self::Notify => "tell the service manager of",
            Self::Place => "keep lockfiles in",
        })
    }
}

/// What to do about the commonest refusals, as the end of a sentence.
fn remedy(op: Op, source: &io::Error) -> &'static str {
    use io::ErrorKind::{
        InvalidInput, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
        StorageFull, Unsupported,
    };
    match (op, source.kind()) {
        (Op::Create, NotFound) => ": its directory has to exist first",
        (Op::Create, PermissionDenied) => ": its directory has to be writable for this user",
        (_, NotADirectory) => ": a part of its path is not a directory",
        (Op::Inspect, InvalidInput) => ": the path has to name a file",
        (Op::Create | Op::Open, ReadOnlyFilesystem) => ": choose a path on a writable file system",
        (Op::Open, PermissionDenied) => ": it has to be writable for this user",
        (Op::Signal, PermissionDenied) => ": it is another user's",
        (Op::Signal, Unsupported) => ": this system tells it from no later process of its PID",
        (Op::Notify, _) => ": NOTIFY_SOCKET has to be the path of its socket",
        (Op::Read, PermissionDenied) => ": it has to be readable for this user",
        (Op::Create | Op::Write, StorageFull | QuotaExceeded) => {
            ": free some space; nothing is locked"
        }
        (Op::Rewrite, StorageFull | QuotaExceeded) => ": free some space; the lock is still held",
        _ => "",
    }
}

fn how(replaced: bool) -> &'static str {
    if replaced { "replaced" } else { "removed" }
}

impl Error {
    /// Whether somebody else holds the lock: [`Error::Busy`], [`Error::Timeout`] or
    /// [`Error::Cancelled`].
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Timeout { .. } | Self::Cancelled { .. })
    }

    /// The holder that stands in the way, where there is one and it is known.
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        match self {
            Self::Busy { holder, .. }
            | Self::Timeout { holder, .. }
            | Self::Cancelled { holder, .. }
            | Self::OtherHolder { holder, .. }
            | Self::NotReady { holder, .. }
            | Self::NotSignalled { holder, .. } => holder.as_deref(),
            Self::ProcessDead { holder, .. } => Some(holder),
            _ => None,
        }
    }

    /// The path that the error is about.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Busy { path, .. }
            | Self::Timeout { path, .. }
            | Self::Cancelled { path, .. }
            | Self::NotReady { path, .. }
            | Self::Deadlock { path }
            | Self::RogueDeletion { path, .. }
            | Self::Overwritten { path }
            | Self::DescriptorClosed { path }
            | Self::Empty { path }
            | Self::InvalidPid { path, .. }
            | Self::ProcessDead { path, .. }
            | Self::NotSignalled { path, .. }
            | Self::OtherHolder { path, .. }
            | Self::AlreadyHeld { path }
            | Self::NotHeld { path }
            | Self::NotALockfile { path, .. }
            | Self::MessageTooLong { path, .. }
            | Self::Unsupported { path, .. }
            | Self::Io { path, .. } => Some(path),
            Self::InvalidName { .. } => None,
        }
    }

    pub(crate) fn busy(path: &Path, holder: Option<Box<Holder>>) -> Self {
        Self::Busy { path: path.to_owned(), holder, obstacle: None }
    }

    /// The same, of an operation that left a lock held.
    pub(crate) fn while_held(self) -> Self {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        match self {
            Self::Io { op: Op::Write, path, source } => Self::Io { op: Op::Rewrite, path, source },
            // To change a record, and to put one back, takes another file for a moment.
            Self::Io { op: Op::Create, path, source }
                if matches!(source.kind(), StorageFull | QuotaExceeded) =>
            {
                Self::Io { op: Op::Rewrite, path, source }
            }
            err => err,
        }
    }

    /// The kind that an [`io::Error`] made of this one has.
    fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Busy { .. } | Self::Cancelled { .. } => io::ErrorKind::WouldBlock,
            Self::Timeout { .. } | Self::NotReady { .. } => io::ErrorKind::TimedOut,
            Self::Deadlock { .. } => io::ErrorKind::Deadlock,
            Self::InvalidPid { .. } => io::ErrorKind::InvalidData,
            Self::NotALockfile { .. } | Self::InvalidName { .. } | Self::MessageTooLong { .. } => {
                io::ErrorKind::InvalidInput
            }
            Self::ProcessDead { .. } | Self::NotSignalled { .. } => io::ErrorKind::PermissionDenied,
            Self::Unsupported { .. } => io::ErrorKind::Unsupported,
            Self::Io { source, .. } => source.kind(),
            Self::RogueDeletion { .. }
            | Self::Overwritten { .. }
            | Self::DescriptorClosed { .. }
            | Self::Empty { .. }
            | Self::OtherHolder { .. }
            | Self::AlreadyHeld { .. }
            | Self::NotHeld { .. } => io::ErrorKind::Other,
        }
    }
}

/// Keeps the kind; the whole error is the payload.
impl From<Error> for io::Error {
    fn from(err: Error) -> Self {
        Self::new(err.kind(), err)
    }
}

/// Adds what was tried, and on what, to what the system said.
pub(crate) fn failed(op: Op, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { op, path: path.to_owned(), source }
}
