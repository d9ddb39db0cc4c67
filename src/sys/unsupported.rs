//! What a platform lacks, and what it answers instead.
//!
//! A platform re-exports from here what it does not have. A system that is neither Unix nor Windows
//! has nothing else.
#![allow(dead_code, reason = "a platform re-exports only what it lacks")]
#![allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "other platforms ask the system")]

#[cfg(all(not(windows), feature = "kernel-mutex"))]
mod named_mutex;
#[cfg(all(not(target_os = "linux"), feature = "robust-mutex"))]
mod robust_mutex;

use std::ffi::{CStr, OsString};
use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitStatus};
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};

use sysinfo::Uid;

use super::byte_lock::ByteLock;
use super::descriptor::{AsFd, BorrowedFd, OwnedFd};
use super::file_id::FileId;
use super::file_system::FileSystem;
use super::interest::Interest;
use super::lock_holder::LockHolder;
use super::lock_mode::Mode;
use super::mark::Mark;
use super::opened::Opened;
use super::process_marks::Marks;
use super::rights::Rights;
use super::stat::Stat;

#[cfg(all(not(windows), feature = "kernel-mutex"))]
pub(crate) use named_mutex::{MutexState, NamedMutex, Possession};
#[cfg(all(not(target_os = "linux"), feature = "robust-mutex"))]
pub(crate) use robust_mutex::{
    Answer, BOARD_WORDS, MUTEX_FILE, MUTEX_HEADER, MappedMutex, mutex_abi, mutex_boot,
};

/// What most calls answer.
fn refuse<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

// Files.

pub(crate) fn create_new(_path: &Path, _mode: u32) -> io::Result<File> {
    refuse()
}

pub(crate) fn open_to_write(_path: &Path) -> io::Result<File> {
    refuse()
}

pub(crate) fn open_to_read(_path: &Path) -> io::Result<File> {
    refuse()
}

pub(crate) fn stat(_file: &File) -> io::Result<Stat> {
    refuse()
}

pub(crate) fn path_stat(_path: &Path) -> io::Result<Option<Stat>> {
    refuse()
}

pub(crate) fn directory(_path: &Path) -> io::Result<FileId> {
    refuse()
}

pub(crate) fn link_target(_path: &Path) -> io::Result<Option<OsString>> {
    refuse()
}

pub(crate) fn unlink(_path: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) fn link(_path: &Path, _name: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) fn is_linkless(_err: &io::Error) -> bool {
    true
}

pub(crate) fn rename(_path: &Path, _name: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) fn names_in(_dir: &Path) -> io::Result<Vec<OsString>> {
    refuse()
}

pub(crate) fn is_symlink_refusal(_err: &io::Error) -> bool {
    false
}

pub(crate) fn is_gone(err: &io::Error) -> bool {
    err.kind() == io::ErrorKind::NotFound
}

pub(crate) fn is_closed(_err: &io::Error) -> bool {
    false
}

/// There are no leases that keep a file from being opened for a while.
pub(crate) fn is_leased(_err: &io::Error) -> bool {
    false
}

/// There are no leases.
pub(crate) fn lease_break_time() -> Duration {
    Duration::ZERO
}

pub(crate) fn read_at(_file: &File, _bytes: &mut [u8], _offset: u64) -> io::Result<usize> {
    refuse()
}

pub(crate) fn write_at(_file: &File, _bytes: &[u8], _offset: u64) -> io::Result<usize> {
    refuse()
}

/// Nothing tells which file system it is.
pub(crate) fn file_system(_file: &File) -> io::Result<FileSystem> {
    Ok(FileSystem::default())
}

// Who may use a file.

pub(crate) fn rights(_file: &File) -> io::Result<Rights> {
    refuse()
}

pub(crate) fn create_private_directory(_path: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) const UNFIT_FOR_NAMES: &[char] = &[];

/// There is no directory for locks that have a name and no path.
pub(crate) fn name_place() -> Result<PathBuf, (PathBuf, io::Error)> {
    Err((PathBuf::new(), io::ErrorKind::Unsupported.into()))
}

// The lock of an open file.

pub(crate) const LOCK_NAME: &str = "none";
pub(crate) const CAN_PASS: bool = false;

pub(crate) fn try_lock(_file: &File, _mode: Mode) -> io::Result<bool> {
    refuse()
}

pub(crate) fn block(_file: &File, _mode: Mode) -> io::Result<bool> {
    refuse()
}

pub(crate) fn release(_file: &File) -> io::Result<()> {
    refuse()
}

pub(crate) fn is_shortage(_err: &io::Error) -> bool {
    false
}

// Locks on bytes. This crate neither takes them here nor asks for them.

/// Nothing is locked, and nothing is in the way.
pub(crate) fn lock_bytes(_file: &File, _mode: Mode) -> io::Result<bool> {
    Ok(true)
}

/// There is nothing to wait for.
pub(crate) fn wait_for_bytes(_file: &File, _mode: Mode) -> io::Result<()> {
    Ok(())
}

/// Nothing was locked.
pub(crate) fn unlock_bytes(_file: &File) -> io::Result<()> {
    Ok(())
}

/// The system is not asked.
pub(crate) fn conflicting_bytes(_file: &File, _mode: Mode) -> io::Result<Option<ByteLock>> {
    Ok(None)
}

// Marks on a lockfile.

pub(crate) const TELLS_READERS: bool = false;

pub(crate) fn has_mark(_mark: Mark) -> bool {
    false
}

pub(crate) fn mark(_file: &File, _mark: Mark) -> io::Result<bool> {
    refuse()
}

pub(crate) fn wait_to_mark(_file: &File, _mark: Mark) -> io::Result<()> {
    refuse()
}

pub(crate) fn unmark(_file: &File, _mark: Mark) -> io::Result<()> {
    Ok(())
}

pub(crate) fn is_marked(_file: &File, _mark: Mark) -> io::Result<bool> {
    Ok(false)
}

// Who has a lock, and who has a file open.

pub(crate) fn lock_holders(_id: FileId) -> Vec<LockHolder> {
    Vec::new()
}

pub(crate) fn lock_holder(_pid: u32, _id: FileId) -> io::Result<Option<LockHolder>> {
    refuse()
}

pub(crate) fn has_posix_lock(_id: FileId) -> bool {
    false
}

pub(crate) fn has_locked(_pid: u32, _file: FileId) -> bool {
    false
}

pub(crate) const TELLS_OPENS: bool = false;

pub(crate) fn opened_elsewhere(_file: &File, _id: FileId) -> Opened {
    Opened::Untold
}

// What happens to a file or a name. Nothing tells: whoever waits looks again and again.

#[derive(Debug)]
pub(crate) enum FileEvents {}

impl FileEvents {
    pub(crate) fn new() -> io::Result<Self> {
        refuse()
    }

    pub(crate) fn is_own(&self) -> bool {
        match *self {}
    }

    pub(crate) fn into_fd(self) -> OwnedFd {
        match self {}
    }

    pub(crate) fn from_fd(_fd: OwnedFd) -> Option<Self> {
        None
    }

    pub(crate) fn watch<'a>(
        &mut self,
        _paths: impl IntoIterator<Item = (&'a Path, Interest)>,
    ) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn take(&self) -> bool {
        match *self {}
    }
}

impl AsFd for FileEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

#[derive(Debug)]
pub(crate) enum NameEvents {}

impl NameEvents {
    pub(crate) fn new() -> io::Result<Self> {
        refuse()
    }

    pub(crate) fn watch(&mut self, _path: &Path, _closes: bool) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn take(&self) -> bool {
        match *self {}
    }
}

impl AsFd for NameEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

// Waiting.

pub(crate) fn poll(_fds: &[BorrowedFd<'_>], _until: Option<Instant>) -> io::Result<()> {
    refuse()
}

/// Nothing wakes a thread that polls.
#[derive(Debug)]
pub(crate) enum Bell {}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        refuse()
    }

    pub(crate) fn ring(&self) {
        match *self {}
    }

    pub(crate) fn answer(&self) {
        match *self {}
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

/// Nothing wakes all who wait.
#[derive(Debug)]
pub(crate) enum Signal {}

impl Signal {
    pub(crate) fn new() -> io::Result<Self> {
        refuse()
    }

    pub(crate) fn give(&self) {
        match *self {}
    }
}

impl AsFd for Signal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

/// Those who wait have no order: each looks for itself.
#[derive(Debug)]
pub(crate) struct Turnstile;

impl Turnstile {
    pub(crate) fn enter(_name: &str) -> Self {
        Self
    }

    pub(crate) fn pass_by() -> Self {
        Self
    }

    pub(crate) fn is_behind(&self) -> bool {
        false
    }

    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    pub(crate) fn advance(&mut self) -> Advance {
        Advance::None
    }

    pub(crate) fn leave(self, luggage: Option<OwnedFd>) -> Option<OwnedFd> {
        luggage
    }
}

/// Nothing changes.
#[derive(Debug)]
pub(crate) enum Advance {
    None,
    First { luggage: Option<OwnedFd> },
    Anew,
}

// Processes.

pub(crate) fn own_process() -> io::Result<Marks> {
    Ok(Marks::default())
}

/// It cannot be ruled out.
pub(crate) fn exists(_pid: u32) -> bool {
    true
}

/// Nothing is said not to be there.
pub(crate) fn may_be_hidden(_uid: Option<u32>) -> bool {
    false
}

/// Nothing tells of the end of a process.
pub(crate) fn exit_event(_pid: u32) -> Option<OwnedFd> {
    None
}

/// Nothing tells of it.
pub(crate) fn is_ending(_pid: u32) -> bool {
    false
}

/// Of what [`exit_event`] returned.
pub(crate) fn has_exited(_event: &OwnedFd) -> io::Result<bool> {
    Ok(true)
}

/// Nothing holds a process fast.
#[derive(Debug)]
pub(crate) enum ProcessHandle {}

impl ProcessHandle {
    pub(crate) fn open(_pid: u32) -> io::Result<Option<Self>> {
        refuse()
    }

    pub(crate) fn marks(&self) -> Marks {
        match *self {}
    }

    pub(crate) fn users(&self) -> Option<[u32; 2]> {
        match *self {}
    }

    pub(crate) fn has_locked(&self, _file: FileId) -> bool {
        match *self {}
    }

    pub(crate) fn signal(&self, _signal: i32) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn wait(&self, _until: Option<Instant>) -> io::Result<bool> {
        match *self {}
    }
}

/// There is nothing to send a signal by.
#[cfg(unix)]
pub(crate) fn send(_handle: &OwnedFd, _signal: i32) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(nix::libc::ENOSYS))
}

/// Which process this is: the only one that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation;

impl Generation {
    pub(crate) const NONE: Self = Self;

    pub(crate) fn current() -> Self {
        Self
    }
}

// Users. They have neither numbers nor names.

pub(crate) fn effective_uid() -> Option<u32> {
    None
}

pub(crate) fn user_name(_id: &Uid) -> Option<String> {
    None
}

/// No two users look the same.
pub(crate) fn may_be_unmapped(_uid: u32) -> bool {
    false
}

// What tells this system from others.

pub(crate) fn host_name() -> Option<String> {
    None
}

pub(crate) fn boot_id() -> io::Result<Option<String>> {
    Ok(None)
}

pub(crate) fn machine_id() -> io::Result<Option<String>> {
    Ok(None)
}

pub(crate) fn pid_namespace() -> io::Result<Option<u64>> {
    Ok(None)
}

pub(crate) fn time_namespace() -> io::Result<Option<u64>> {
    Ok(None)
}

// What goes on in another process or program.

/// A program is not replaced by another.
pub(crate) fn execute(_command: &mut Command) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

/// No descriptor is inherited.
pub(crate) fn pass_on(_command: &mut Command, _file: &File) -> io::Result<i32> {
    refuse()
}

/// No descriptor is inherited.
pub(crate) fn inheritable(_file: &File) -> io::Result<(OwnedFd, i32)> {
    refuse()
}

/// None was inherited.
pub(crate) fn inherited(_number: i32, _id: FileId) -> io::Result<Option<File>> {
    Ok(None)
}

/// No descriptor goes from one process to another.
#[cfg(unix)]
pub(crate) fn send_rights(
    _stream: &std::os::unix::net::UnixStream,
    _bytes: &[u8],
    _file: Option<&File>,
) -> io::Result<usize> {
    refuse()
}

/// As for [`send_rights`].
#[cfg(unix)]
pub(crate) fn receive_rights(
    _stream: &std::os::unix::net::UnixStream,
    _bytes: &mut [u8],
) -> io::Result<(usize, Vec<OwnedFd>)> {
    refuse()
}

/// As many as are plenty for the locks that one process holds.
static WORDS: [AtomicU64; 4096] = [const { AtomicU64::new(0) }; 4096];

/// No process is forked: the words are this one's alone. They are zero at first.
pub(crate) fn shared_words() -> Option<&'static [AtomicU64]> {
    Some(&WORDS)
}

// Signals. There are none to take.

/// Starts a thread.
pub(crate) fn spawn_quietly(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}

/// No signal ends a process.
pub(crate) fn before_ending_signals(_act: fn()) -> io::Result<()> {
    refuse()
}

// The service manager. Nobody listens.

/// What it would be told.
pub(crate) enum News<'a> {
    Ready,
    Stopping,
    Status(&'a str),
}

pub(crate) fn tell_service_manager(_news: &[News<'_>]) -> io::Result<()> {
    Ok(())
}

// Semaphores. There are none, or this crate does not know how to use them.

#[derive(Debug)]
pub(crate) enum NamedSemaphore {}

/// A number that says who has taken a semaphore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp;

impl Stamp {
    pub(crate) fn of(_digest: u64) -> Self {
        Self
    }
}

/// Where the semaphore would be.
pub(crate) fn semaphore_place(name: &CStr) -> PathBuf {
    name.to_string_lossy().into_owned().into()
}

impl NamedSemaphore {
    pub(crate) fn open(_name: &CStr) -> io::Result<Option<Self>> {
        refuse()
    }

    pub(crate) fn open_or_make(_name: &CStr, _mode: u32) -> io::Result<Self> {
        refuse()
    }

    pub(crate) fn take(&self, _stamp: Stamp) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn give_back(&self, _stamp: Stamp) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn stamp_anew(&self, _stamp: Stamp, _next: Stamp) {
        match *self {}
    }

    pub(crate) fn is_taken_with(&self, _stamp: Stamp) -> bool {
        match *self {}
    }

    pub(crate) fn is_free(&self) -> io::Result<bool> {
        match *self {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SemaphoreSet {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyed {
    Nothing,
    Smaller,
    Set(SemaphoreSet),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Step;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Taken,
    Late,
    Gone,
}

impl Step {
    pub(crate) const fn zero(_semaphore: u16) -> Self {
        Self
    }

    pub(crate) const fn add(_semaphore: u16, _change: i16) -> Self {
        Self
    }

    pub(crate) const fn undone(_semaphore: u16, _change: i16) -> Self {
        Self
    }
}

impl SemaphoreSet {
    pub(crate) fn find(_key: i32, _size: u16) -> io::Result<Keyed> {
        refuse()
    }

    pub(crate) fn listed_in(_table: &Path, _size: u16) -> io::Result<Vec<Self>> {
        refuse()
    }

    pub(crate) fn create(_key: i32, _size: u16, _mode: u32) -> io::Result<Option<Self>> {
        refuse()
    }

    pub(crate) fn id(self) -> u32 {
        match self {}
    }

    pub(crate) fn of(_id: u32) -> Option<Self> {
        None
    }

    pub(crate) fn give(self, _uid: u32, _gid: u32) -> io::Result<()> {
        match self {}
    }

    pub(crate) fn value(self, _semaphore: u16) -> io::Result<Option<i32>> {
        match self {}
    }

    pub(crate) fn last_process(self, _semaphore: u16) -> io::Result<Option<u32>> {
        match self {}
    }

    pub(crate) fn is_awaited(self, _semaphore: u16) -> io::Result<bool> {
        match self {}
    }

    pub(crate) fn try_take(self, _steps: &[Step]) -> io::Result<Outcome> {
        match self {}
    }

    pub(crate) fn take(self, _steps: &[Step], _until: Option<Instant>) -> io::Result<Outcome> {
        match self {}
    }

    pub(crate) fn remove(self) -> io::Result<bool> {
        match self {}
    }
}

// What the checks of a backend use.

pub(crate) const CAN_FORK: bool = false;

#[derive(Debug)]
pub(crate) enum Side {
    Parent(Forked),
    Child,
}

#[derive(Debug)]
pub(crate) enum Forked {}

pub(crate) fn fork(_seconds: u32) -> io::Result<Side> {
    refuse()
}

pub(crate) fn end_child(work: impl FnOnce()) -> ! {
    work();
    process::exit(0)
}

impl Forked {
    pub(crate) fn wait(self) -> io::Result<bool> {
        match self {}
    }
}

pub(crate) const CAN_INTERRUPT: bool = false;

pub(crate) fn refuse_interruption() -> io::Result<()> {
    refuse()
}

pub(crate) fn admit_interruption() -> io::Result<()> {
    refuse()
}

pub(crate) fn interrupt(_pid: u32) -> io::Result<()> {
    refuse()
}

pub(crate) fn interruptions() -> usize {
    0
}

/// No two processes talk to each other.
pub(crate) type Line = TcpStream;

pub(crate) fn line() -> io::Result<(Line, Line)> {
    refuse()
}

pub(crate) fn spawn_with_line(_command: &mut Command) -> io::Result<(Line, Child)> {
    refuse()
}

pub(crate) fn own_line() -> io::Result<Line> {
    refuse()
}

/// The status of a process that was late: the number of a timeout, `WAIT_TIMEOUT`.
const LATE: i32 = 258;

/// Ends this process in `seconds`, by a thread: there is no alarm(2).
#[expect(clippy::disallowed_methods, reason = "it is what waits for the time")]
pub(crate) fn end_in(seconds: u32) {
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(seconds.into()));
        process::exit(LATE);
    });
}

/// Whether the process was ended by that.
pub(crate) fn is_late(status: ExitStatus) -> bool {
    status.code() == Some(LATE)
}
