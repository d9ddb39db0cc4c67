//! `RobustMutex`: a lock in memory that processes share. The feature `robust-mutex` has it.

mod board;
mod frame;
mod opening;

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use self::board::Board;
use self::frame::{Frame, NAME};
use crate::error::{Error, Op, Result, failed};
use crate::holder::Holder;
use crate::identity::Identity;
use crate::lock::Lock;
use crate::record::Record;
use crate::status::{State, Status};
use crate::sys::{self, Answer, Generation, MappedMutex};
use crate::verdict::{Verdict, Why};

/// A lock in memory that processes share (feature `robust-mutex`): a robust mutex (`pthread_mutexattr_setrobust(3)`) in a
/// small file that all of them have mapped.
///
/// One thread has it, of all the processes that opened the path. When that thread ends without
/// releasing, be it by SIGKILL, the kernel gives the lock to the next, who is told that it
/// [was abandoned](Lock::was_abandoned). To acquire and to release take no system call, unless
/// somebody waits. The file is made once and stays; whoever opens it alone makes the mutex in it
/// anew, so that neither a crash of the system nor a copy leaves one that nobody gets.
///
/// It is the fastest lock of this crate, and a [`Lockfile`](crate::Lockfile) is the safer one. Use
/// this for what is locked thousands of times a second, by programs of one user in one container.
///
/// # Hazards
///
/// - **Threads.** The thread that acquired is the holder, and abandons the lock when it ends,
///   however long its process lives. So a value cannot be sent to another thread: each opens its
///   own.
/// - **Truncation.** The file is memory of all who have it open. Whoever cuts it short kills them
///   (SIGBUS), and whoever writes to it may make them do anything. It is created with mode 0600,
///   and refused where it belongs to another user or others may write to it; beyond that, the
///   programs of one user have to trust each other. So has a full disk to be feared where files are
///   copied on writing (Btrfs): a path on tmpfs, such as /run or /dev/shm, is the best.
/// - **Deletion.** Nothing notices that the file is removed or replaced while it is open: those who
///   have it exclude each other, and not those who open the path later.
/// - **Replacement of the program.** execve(2) abandons the lock. It is free at once if it was the
///   first thread of the process that held it and called that. If another did, the kernel, which
///   gives it the first one's number before it looks, does not find the lock (so does Linux 6.18):
///   it stays taken until nobody has the file open. Release before.
/// - **Forks.** A forked child does not hold its parent's lock, and does not release it. With its
///   copy of the value it contends like anybody else, and as long as it has that, the file is open.
///   [`Command`](std::process::Command)s inherit nothing.
/// - **Containers.** A mutex knows its holder by the number of a thread, which in another PID
///   namespace is another's. While processes of one namespace have the file open, those of another
///   are refused ([`Error::Unsupported`]). A file system that other systems may share is, always.
/// - **Order.** There is none among those who wait.
///
/// # Platform-specific behavior
///
/// Linux, with `/proc`; elsewhere it is [`Error::Unsupported`]. A limit is kept by
/// `CLOCK_MONOTONIC` with glibc 2.30 or newer on 64 bits, and otherwise by the wall clock: if that
/// is set meanwhile, it comes sooner or later.
///
/// # Examples
///
/// ```
/// use tenure::{Lock, RobustMutex};
///
/// # let dir = tempfile::tempdir_in("/dev/shm").unwrap();
/// # let path = dir.path().join("ledger.mutex");
/// let mut ledger = RobustMutex::open(&path)?;
/// ledger.lock()?;
/// if ledger.was_abandoned() {
///     // Whoever had it died amid its work: mend that first.
/// }
/// let busy = std::thread::scope(|scope| {
///     scope.spawn(|| RobustMutex::open(&path)?.try_lock()).join().unwrap()
/// });
/// assert_eq!(busy.unwrap_err().holder().unwrap().pid(), std::process::id());
/// ledger.unlock()?;
/// # Ok::<(), tenure::Error>(())
/// ```
///
/// A value stays in its thread:
///
/// ```compile_fail,E0277
/// fn to_another_thread(_: impl Send) {}
/// to_another_thread(tenure::RobustMutex::open("/run/ledger.mutex").unwrap());
/// ```
#[derive(Debug)]
pub struct RobustMutex {
    path: PathBuf,
    mutex: MappedMutex,
    /// Has a share in the flock, which says that the mutex is in use.
    _file: File,
    frame: Frame,
    identity: Arc<Identity>,
    /// What the holder says about itself, but for when it acquired.
    record: Vec<u8>,
    held: Option<Held>,
    /// A mutex belongs to the thread that locked it, and only that may unlock it.
    _thread: PhantomData<*const ()>,
}

#[derive(Debug)]
struct Held {
    process: Generation,
    abandoned: bool,
}

impl RobustMutex {
    /// Opens the file at `path`, or creates it with mode 0600. Nothing is locked.
    ///
    /// However many do this at once, they get one mutex. What is at the path is used only if it is
    /// such a file, or empty; anything else is left as it is.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidPid`]: there is a file of another kind, or one that users other than this
    ///   may write to.
    /// - [`Error::NotALockfile`]: the path names a symbolic link, a directory or the like.
    /// - [`Error::Unsupported`]: there are no robust mutexes here, the file system is not local, or
    ///   processes of another PID namespace or with another C library use it.
    /// - [`Error::Io`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let identity = Identity::current();
        let frame = Frame::of(&identity, &path)?;
        let (file, mutex) = opening::open(&path, &frame)?;
        let record = encoded(&identity);
        let thread = PhantomData;
        Ok(Self { path, mutex, _file: file, frame, identity, record, held: None, _thread: thread })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for the mutex, and notes it if this thread has it then.
    fn acquire(&mut self, ask: impl FnOnce(&MappedMutex) -> io::Result<Answer>) -> Result<Answer> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.path.clone() });
        }
        self.arrive()?;
        let answer = ask(&self.mutex).map_err(failed(Op::Lock, &self.path))?;
        match answer {
            Answer::Locked { abandoned } => {
                let board = self.board();
                // The mutex itself does not say so where it was made anew since.
                let abandoned = abandoned || board.is_written();
                board.write(&self.record, sys::wall_clock());
                self.held = Some(Held { process: self.identity.generation, abandoned });
            }
            Answer::Ruined => {
                return Err(Error::InvalidPid {
                    path: self.path.clone(),
                    reason: "its mutex cannot be recovered any more (ENOTRECOVERABLE), because \
                        another program has given it back unmended: once no program uses it, remove the \
                        file"
                        .to_owned(),
                });
            }
            Answer::Refused | Answer::Own => {}
        }
        Ok(answer)
    }

    /// A forked child is another process, and perhaps in another PID namespace.
    fn arrive(&mut self) -> Result<()> {
        if Generation::current() != self.identity.generation {
            let identity = Identity::current();
            if Frame::of(&identity, &self.path)? != self.frame {
                return Err(Frame::refusal(&self.path));
            }
            self.record = encoded(&identity);
            self.identity = identity;
        }
        Ok(())
    }

    fn wait(&mut self, ask: impl FnOnce(&MappedMutex) -> io::Result<Answer>) -> Result<bool> {
        match self.acquire(ask)? {
            Answer::Own => Err(Error::Deadlock { path: self.path.clone() }),
            answer => Ok(answer != Answer::Refused),
        }
    }

    fn board(&self) -> Board<'_> {
        Board(self.mutex.board())
    }

    fn holder(&self) -> Option<Box<Holder>> {
        let (record, ()) = self.board().read(|| ());
        record.map(|record| Box::new(Holder::new(record, Verdict::Live)))
    }
}

fn encoded(identity: &Identity) -> Vec<u8> {
    let record = Record {
        backend: Some(NAME.to_owned()),
        acquired_at: None,
        nonce: None,
        ..identity.record()
    };
    serde_json::to_vec(&record).unwrap_or_else(|err| unreachable!("a record is always JSON: {err}"))
}

impl Lock for RobustMutex {
    /// Also busy if this thread holds it through another value.
    fn try_lock(&mut self) -> Result<()> {
        match self.acquire(MappedMutex::try_lock)? {
            Answer::Locked { .. } => Ok(()),
            _ => Err(Error::busy(&self.path, self.holder())),
        }
    }

    /// [`Error::Deadlock`] if this thread holds it through another value.
    fn lock(&mut self) -> Result<()> {
        self.wait(MappedMutex::lock).map(drop)
    }

    /// [`Error::Deadlock`] if this thread holds it through another value.
    fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        if self.wait(|mutex| mutex.lock_within(limit))? {
            return Ok(());
        }
        Err(Error::Timeout {
            path: self.path.clone(),
            limit,
            holder: self.holder(),
            obstacle: None,
        })
    }

    fn unlock(&mut self) -> Result<()> {
        if !self.is_held() {
            return Err(Error::NotHeld { path: self.path.clone() });
        }
        // Who dies between the two has abandoned the lock: the kernel says so to the next.
        self.board().clear();
        self.mutex.unlock().map_err(failed(Op::Unlock, &self.path))?;
        self.held = None;
        Ok(())
    }

    fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.process == Generation::current())
    }

    fn was_abandoned(&self) -> bool {
        self.is_held() && self.held.as_ref().is_some_and(|held| held.abandoned)
    }

    /// Takes no system call, and does not get in anybody's way.
    fn status(&self) -> Result<Status> {
        // A record is taken back before the mutex is given back: so one that is still there after
        // the mutex was seen without an owner is of a holder that did not release.
        let (record, owner) = self.board().read(|| self.mutex.owner());
        let (state, verdict) = match (&record, owner) {
            (_, Some(_)) => (State::Held, Verdict::Live),
            (Some(_), None) => (State::Stale, Verdict::Stale(Why::Abandoned)),
            (None, None) => (State::Free, Verdict::Stale(Why::Released)),
        };
        let holder = record.map(|record| Holder::new(record, verdict));
        Ok(Status::new(self.path.clone(), state, holder))
    }
}

impl Drop for RobustMutex {
    fn drop(&mut self) {
        // Before the file is unmapped: the list of what this thread has leads through it.
        let _ = self.unlock();
    }
}
