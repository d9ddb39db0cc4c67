//! A [`Stranger`] is a process that does not use this crate.
//!
//! It is this test program once more. It opens, locks, leases and writes the file that it is told,
//! line by line, and answers each line.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use crate::support::this_program;

const STRANGER: &str = "TENURE_TEST_STRANGER";
/// Tells the answers of the stranger from the output of the test harness.
const MARK: &str = "@ ";

/// The system call that locks, and what belongs to the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// flock(2). The lock covers the file, and belongs to the open file description.
    Flock,
    /// fcntl(2), `F_SETLK`. The lock covers bytes, and belongs to the process.
    Posix,
    /// fcntl(2), `F_OFD_SETLK`. The lock covers bytes, and belongs to the open file description.
    Ofd,
}

/// A kernel lock, as another program takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) family: Family,
    /// Whether it is a write lock, or an exclusive one.
    pub(crate) writes: bool,
    start: i64,
    /// 0: up to the end of the file, however long it grows.
    length: i64,
}

/// The bytes that other programs lock: the whole file, the first byte, one in the middle of a record,
/// the one that `SQLite` locks, and one beyond every file.
const BYTES: [(i64, i64); 5] = [(0, 0), (0, 1), (7, 1), (0x4000_0000, 1), (1 << 62, 1)];

impl Lock {
    pub(crate) const fn whole(family: Family, writes: bool) -> Self {
        Self { family, writes, start: 0, length: 0 }
    }

    /// A lock of every family and of both modes, on the whole file.
    pub(crate) fn kinds() -> Vec<Self> {
        let families = [Family::Flock, Family::Posix, Family::Ofd];
        families
            .iter()
            .flat_map(|it| [true, false].map(|writes| Self::whole(*it, writes)))
            .collect()
    }

    /// The same lock on all bytes.
    pub(crate) const fn on_the_whole_file(self) -> Self {
        Self::whole(self.family, self.writes)
    }

    /// The locks by fcntl(2) of [`kinds`](Self::kinds), on each of [`BYTES`].
    pub(crate) fn on_bytes() -> Vec<Self> {
        let kinds = Self::kinds().into_iter().filter(|lock| lock.family != Family::Flock);
        kinds.flat_map(|lock| BYTES.map(|(start, length)| Self { start, length, ..lock })).collect()
    }

    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let flocks = Self::kinds().into_iter().filter(|lock| lock.family == Family::Flock);
        flocks.chain(Self::on_bytes()).collect()
    }
}

/// As the stranger is told: `Posix true 0 1`.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, writes, start, length } = self;
        write!(f, "{family:?} {writes} {start} {length}")
    }
}

fn parse(text: &str) -> Lock {
    let words: Vec<_> = text.split(' ').collect();
    let [family, writes, start, length] = words[..] else { panic!("{text:?} is no lock") };
    let families = [Family::Flock, Family::Posix, Family::Ofd];
    Lock {
        family: families.into_iter().find(|it| format!("{it:?}") == family).unwrap(),
        writes: writes.parse().unwrap(),
        start: start.parse().unwrap(),
        length: length.parse().unwrap(),
    }
}

/// A process that does not use this crate.
pub(crate) struct Stranger {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Stranger {
    pub(crate) fn start() -> Self {
        Self::spawn(Command::new(this_program()))
    }

    /// In a PID namespace of its own.
    pub(crate) fn in_another_pid_namespace() -> Self {
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--kill-child"]).arg(this_program());
        Self::spawn(unshare)
    }

    /// A stranger that has the file at `path` open, for reading and writing.
    pub(crate) fn at(path: &Path) -> Self {
        let mut stranger = Self::start();
        stranger.open(path, "rw");
        stranger
    }

    fn spawn(mut program: Command) -> Self {
        let mut child = program
            .args(["--exact", "stranger::stranger", "--nocapture", "--test-threads=1"])
            .env(STRANGER, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let commands = child.stdin.take();
        let mut stranger = Self { child, commands, answers };
        assert_eq!(stranger.answer(), "ready");
        stranger
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
    }

    pub(crate) fn answer(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.answers.read_line(&mut line).unwrap() > 0, "the stranger has died");
            // The test harness prints the name of the test on the same line.
            if let Some((_, answer)) = line.trim_end().split_once(MARK) {
                return answer.to_owned();
            }
        }
    }

    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    pub(crate) fn has_answered(&self) -> bool {
        assert!(self.answers.buffer().is_empty());
        let mut fds = [PollFd::new(self.answers.get_ref().as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO).unwrap() > 0
    }

    /// Opens the file at `path` in place of the one that it has open. `access`: `r`, `w` or `rw`.
    pub(crate) fn open(&mut self, path: &Path, access: &str) {
        let command = format!("open {access} {}", path.display());
        assert_eq!(self.ask(&command), "ok");
    }

    /// Closes the file, and so unlocks it.
    pub(crate) fn close(&mut self) {
        assert_eq!(self.ask("close"), "ok");
    }

    /// Whether the kernel grants the lock now.
    pub(crate) fn gets(&mut self, lock: Lock) -> bool {
        match &*self.ask(&format!("lock {lock}")) {
            "granted" => true,
            "refused" => false,
            other => panic!("{lock}: {other}"),
        }
    }

    pub(crate) fn lock(&mut self, lock: Lock) {
        assert!(self.gets(lock), "{lock} is refused");
    }

    pub(crate) fn unlock(&mut self, lock: Lock) {
        assert_eq!(self.ask(&format!("unlock {lock}")), "ok");
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        // It ends at the end of its commands, unless it waits for a lock.
        self.commands = None;
        if std::thread::panicking() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// What a stranger does. In the test program itself, this test does nothing.
#[test]
#[expect(clippy::print_stdout, reason = "the stranger answers there")]
fn stranger() {
    if env::var_os(STRANGER).is_none() {
        return;
    }
    let mut file = None;
    println!("{MARK}ready");
    for command in io::stdin().lines() {
        println!("{MARK}{}", obey(&mut file, &command.unwrap()));
    }
}

fn obey(file: &mut Option<File>, command: &str) -> String {
    let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
    let opened = || file.as_ref().expect("it has the file open");
    let result = match word {
        "open" => {
            let (access, path) = argument.split_once(' ').unwrap();
            *file = Some(open(path, access));
            Ok(())
        }
        "close" => {
            *file = None;
            Ok(())
        }
        "lock" => return granted(try_lock(opened(), parse(argument))),
        "wait_for" => return granted(wait_for(opened(), parse(argument))),
        "unlock" => unlock(opened(), parse(argument)),
        "lease" => {
            prepare_for_signals();
            let kind = if argument == "write" { libc::F_WRLCK } else { libc::F_RDLCK };
            return granted(set_lease(opened().as_raw_fd(), kind));
        }
        // From now on, the signal handler gives up the lease itself.
        "give_up_when_asked" => {
            LEASED.store(opened().as_raw_fd(), Ordering::Relaxed);
            Ok(())
        }
        // Returns once the kernel has asked for the lease.
        "wait_until_asked" => nix::unistd::read(&ASKED.get().unwrap().0, &mut [0]).map(drop),
        "give_up" => set_lease(opened().as_raw_fd(), libc::F_UNLCK),
        _ => panic!("{command:?} is no command"),
    };
    result.map_or_else(|err| err.to_string(), |()| "ok".to_owned())
}

fn open(path: &str, access: &str) -> File {
    let (reads, writes) = (access.contains('r'), access.contains('w'));
    File::options().read(reads).write(writes).open(path).unwrap()
}

fn granted(result: nix::Result<()>) -> String {
    match result {
        Ok(()) => "granted".to_owned(),
        Err(Errno::EAGAIN | Errno::EACCES) => "refused".to_owned(),
        Err(err) => err.to_string(),
    }
}

pub(crate) fn try_lock(file: &File, lock: Lock) -> nix::Result<()> {
    match lock.family {
        Family::Flock => flock(file, mode(lock) | libc::LOCK_NB),
        Family::Posix => fcntl(file, FcntlArg::F_SETLK(&range(lock, kind(lock)))).map(drop),
        Family::Ofd => fcntl(file, FcntlArg::F_OFD_SETLK(&range(lock, kind(lock)))).map(drop),
    }
}

fn wait_for(file: &File, lock: Lock) -> nix::Result<()> {
    match lock.family {
        Family::Flock => flock(file, mode(lock)),
        Family::Posix => fcntl(file, FcntlArg::F_SETLKW(&range(lock, kind(lock)))).map(drop),
        Family::Ofd => fcntl(file, FcntlArg::F_OFD_SETLKW(&range(lock, kind(lock)))).map(drop),
    }
}

fn unlock(file: &File, lock: Lock) -> nix::Result<()> {
    match lock.family {
        Family::Flock => flock(file, libc::LOCK_UN),
        Family::Posix => fcntl(file, FcntlArg::F_SETLK(&range(lock, libc::F_UNLCK))).map(drop),
        Family::Ofd => fcntl(file, FcntlArg::F_OFD_SETLK(&range(lock, libc::F_UNLCK))).map(drop),
    }
}

fn mode(lock: Lock) -> i32 {
    if lock.writes { libc::LOCK_EX } else { libc::LOCK_SH }
}

fn kind(lock: Lock) -> i32 {
    if lock.writes { libc::F_WRLCK } else { libc::F_RDLCK }
}

fn range(lock: Lock, kind: i32) -> libc::flock {
    libc::flock {
        l_type: libc::c_short::try_from(kind).unwrap(),
        l_whence: 0,
        l_start: lock.start,
        l_len: lock.length,
        l_pid: 0,
    }
}

#[expect(unsafe_code, reason = "nix has flock(2) only for files that it owns")]
fn flock(file: &File, operation: i32) -> nix::Result<()> {
    // SAFETY: flock(2) takes two integers, and the descriptor is open.
    Errno::result(unsafe { libc::flock(file.as_raw_fd(), operation) }).map(drop)
}

#[expect(unsafe_code, reason = "nix has no leases")]
fn set_lease(descriptor: i32, kind: i32) -> nix::Result<()> {
    // SAFETY: this command takes an integer and touches no memory of this process.
    Errno::result(unsafe { libc::fcntl(descriptor, libc::F_SETLEASE, kind) }).map(drop)
}

/// The descriptor whose lease the signal handler gives up; -1 for none.
static LEASED: AtomicI32 = AtomicI32::new(-1);

/// A pipe: the signal handler writes a byte for each signal.
static ASKED: OnceLock<(OwnedFd, OwnedFd)> = OnceLock::new();

extern "C" fn asked(_: i32) {
    let leased = LEASED.load(Ordering::Relaxed);
    if leased >= 0 {
        let _ = set_lease(leased, libc::F_UNLCK);
    }
    if let Some((_, tell)) = ASKED.get() {
        let _ = nix::unistd::write(tell, b"!");
    }
}

#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
fn prepare_for_signals() {
    ASKED.get_or_init(|| nix::unistd::pipe().unwrap());
    let handler = SigHandler::Handler(asked);
    let action = SigAction::new(handler, SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler makes two system calls and reads statics.
    unsafe { sigaction(Signal::SIGIO, &action) }.unwrap();
}
