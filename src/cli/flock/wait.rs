//! Having the lock, or not: by the kernel's queue, which a timer may end.

use std::os::fd::{AsRawFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use tenure::{Lockfile, State};

use super::refusal::{Refusal, say};
use super::target::{Opened, Target};
use crate::args::Flock;
use crate::exit::Exit;
use crate::sys::{self, Alarm};

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Ended {
    Locked(Opened),
    Refused,
    TimedOut,
}

/// How long may be waited.
#[derive(Debug)]
pub(super) enum Limit {
    Forever,
    Until(Box<Alarm>),
    Now,
}

impl Limit {
    /// Time counts from here.
    pub(super) fn set(args: &Flock) -> Result<Self, Refusal> {
        let timer = |err| Refusal::because(Exit::System, "cannot set up timer", err);
        let limit = match args.timeout {
            None => Self::Forever,
            Some(seconds) => match seconds.duration() {
                None => return Err(timer(Errno::EINVAL)),
                Some(limit) if limit.as_micros() == 0 => Self::Now,
                Some(limit) => Self::Until(Box::new(Alarm::set(limit).map_err(timer)?)),
            },
        };
        Ok(if args.nonblock { Self::Now } else { limit })
    }

    fn is_over(&self) -> bool {
        matches!(self, Self::Until(alarm) if alarm.is_over())
    }
}

/// How often is tried again. Each time, somebody else has had the lock in between, so that this is
/// more than contention ever takes; or the file system gives a file another number each time that
/// it is asked, and then nothing can be told from that.
const MOST: u32 = 1_000_000;

/// Locks `file`, which was opened for `target`, or another that is there now.
pub(super) fn lock(
    args: &Flock,
    target: &Target,
    mut file: Opened,
    limit: &Limit,
) -> Result<Ended, Refusal> {
    let mut how = OFlag::O_RDONLY;
    for _ in 0..MOST {
        match attempt(args, file.as_raw_fd(), matches!(limit, Limit::Now)) {
            // Between our opening the file and our having the lock, the holder may have removed it
            // (`tenure run` does so when it ends), and another may hold the one that is there now.
            Ok(()) if !args.unlock && target.has_left(&file) => {
                // First the old one: the command finds the new one under the same number.
                drop(file);
                file = target.open(how)?;
            }
            Ok(()) => return Ok(Ended::Locked(file)),
            Err(Errno::EWOULDBLOCK | Errno::EACCES) => return Ok(Ended::Refused),
            // Before that, it was another signal, or one that the timer did not send.
            Err(Errno::EINTR) if limit.is_over() => return Ok(Ended::TimedOut),
            Err(Errno::EINTR) => {}
            // A network file system may lend locks only to those who may write.
            Err(Errno::EIO | Errno::EBADF)
                if !args.shared && how != OFlag::O_RDWR && target.may_be_written() =>
            {
                how = OFlag::O_RDWR;
                drop(file);
                file = target.open(how)?;
            }
            Err(err) => return Err(refused(target, err)),
        }
    }
    let why = "its path has named another file each time that it was opened";
    Err(Refusal::new(Exit::CannotLock, format_args!("{}: {why}", target.name())))
}

fn attempt(args: &Flock, file: RawFd, at_once: bool) -> nix::Result<()> {
    if sys::was_closed(file) {
        return Err(Errno::EBADF);
    }
    if args.fcntl {
        let kind = match () {
            () if args.unlock => libc::F_UNLCK,
            () if args.shared => libc::F_RDLCK,
            () => libc::F_WRLCK,
        };
        return sys::lock_all_bytes(file, kind, at_once);
    }
    let operation = match () {
        () if args.unlock => libc::LOCK_UN,
        () if args.shared => libc::LOCK_SH,
        () => libc::LOCK_EX,
    };
    sys::flock(file, if at_once { operation | libc::LOCK_NB } else { operation })
}

fn refused(target: &Target, err: Errno) -> Refusal {
    let exit = match err {
        Errno::ENOLCK | Errno::ENOMEM => Exit::System,
        _ => Exit::CannotLock,
    };
    Refusal::because(exit, target.name(), err)
}

impl Ended {
    /// Says why the lock was not had, and who has it, if there is a record.
    pub(super) fn say(&self, target: &Target) {
        say(match self {
            Self::TimedOut => "timeout while waiting to get lock",
            _ => "failed to get lock",
        });
        let Some(path) = target.find() else { return };
        match Lockfile::new(&path).status() {
            Ok(status) if status.state() == State::Held && status.holder().is_some() => {
                say(format_args!("{} is {status}", path.display()));
            }
            _ => {}
        }
    }
}
