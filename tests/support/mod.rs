//! A small vocabulary for tests with real processes.
//!
//! A [`Peer`] is a process of its own (this test program once more) that does with one `Lockfile`
//! what it is told, line by line, and answers when it is done. So tests wait for answers, and
//! never for the clock.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "every test program uses a part of it, and whoever cannot go on has failed"
)]

mod daemons;
pub mod elsewhere;
mod forking;
#[cfg(feature = "robust-mutex")]
mod mutex;
pub mod obedience;
pub mod sandbox;
pub mod semaphore_name;

use std::collections::HashSet;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigHandler, Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use tenure::{Callback, Format, Hardlink, Lockfile, Memory, Phase, PosixSemaphore, Semaphore};

const PATH: &str = "TENURE_TEST_PEER_PATH";
const OPTIONS: &str = "TENURE_TEST_PEER_OPTIONS";
const PEER: [&str; 3] = ["--exact", "support::peer", "--nocapture"];
/// Tells the peer's answers from what the test harness prints.
const MARK: &str = "@ ";

/// A directory of its own, and a path in it.
pub struct Place {
    _dir: tempfile::TempDir,
    pub path: PathBuf,
}

pub fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    Place { path: dir.path().join("test.lock"), _dir: dir }
}

impl Place {
    pub fn dir(&self) -> &Path {
        self.path.parent().unwrap()
    }

    /// The names in the directory: what an operation has left there.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Where this program lies, also once `/proc`, which tells, is gone: ask before.
pub fn this_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| env::current_exe().unwrap())
}

/// A process that contends for a lockfile.
pub struct Peer {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// What a peer finds in its environment.
    pub const VARIABLES: [&str; 2] = [PATH, OPTIONS];

    pub fn start(path: &Path) -> Self {
        Self::with(path, "")
    }

    /// `options`: words of `callback`, `hardlink`, `json`, `keep`, `memory`, `message=…`, `notify`, `phase=…`,
    /// `pid`, `pid-bare`, `pid-line`, `semaphore`, `posix-semaphore=…`. `robust-mutex` alone: a peer
    /// that obeys other commands, `mutex::obey`.
    pub fn with(path: &Path, options: &str) -> Self {
        Self::spawn(Command::new(this_program()), path, options)
    }

    /// By way of another program, such as `unshare`, whose arguments end with the program to run.
    pub fn through(mut program: Command, path: &Path, options: &str) -> Self {
        program.arg(env::current_exe().unwrap());
        Self::spawn(program, path, options)
    }

    /// By way of this very program, with what the caller has added to it.
    pub fn start_as(program: Command, path: &Path, options: &str) -> Self {
        Self::spawn(program, path, options)
    }

    fn spawn(mut program: Command, path: &Path, options: &str) -> Self {
        let mut child = program
            .args(PEER)
            .env(PATH, path)
            .env(OPTIONS, options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let commands = child.stdin.take();
        let mut peer = Self { child, commands, answers };
        assert_eq!(peer.answer(), "ready");
        peer
    }

    /// A peer that holds the lock.
    pub fn holding(path: &Path) -> Self {
        let mut peer = Self::start(path);
        assert_eq!(peer.ask("try_lock"), "ok");
        peer
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Says what to do and returns the answer: `ok`, a word, or `Variant: the error's text`.
    pub fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    pub fn tell(&mut self, command: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{command}").unwrap();
    }

    pub fn answer(&mut self) -> String {
        self.answer_if_alive().expect("the peer has died")
    }

    /// `None` from a peer that has died.
    pub fn answer_if_alive(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.answers.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // libtest prints the name of the test before, on the same line.
            if let Some((_, answer)) = line.trim_end().split_once(MARK) {
                return Some(answer.to_owned());
            }
        }
    }

    /// Whether an answer is there already: for checking that none comes yet.
    pub fn has_answered(&self) -> bool {
        assert!(self.answers.buffer().is_empty());
        let fd = self.answers.get_ref().as_fd();
        let mut fds = [PollFd::new(fd, PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::ZERO).unwrap() > 0
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.raw_pid(), signal).unwrap();
    }

    /// Sends SIGUSR1 to the thread that does what the peer is told: the harness's main thread would
    /// take a signal to the process.
    #[expect(unsafe_code, reason = "nix has no tgkill")]
    pub fn interrupt(&self) {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let thread = tasks.map(|task| task.unwrap().path()).find(|task| {
            fs::read_to_string(task.join("comm"))
                .is_ok_and(|name| name.starts_with("support::peer"))
        });
        let tid: i32 = thread.unwrap().file_name().unwrap().to_str().unwrap().parse().unwrap();
        // SAFETY: tgkill takes three integers and touches no memory.
        let sent = unsafe {
            let (group, signal) = (self.raw_pid().as_raw(), Signal::SIGUSR1 as i32);
            libc::syscall(libc::SYS_tgkill, group, tid, signal)
        };
        assert_eq!(sent, 0);
    }

    fn raw_pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.pid()).unwrap())
    }

    /// SIGKILL, and reaped.
    pub fn crash(mut self) -> u32 {
        self.kill()
    }

    /// Returns when it has ended, of itself.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The same, while its standard input stays open, for children that it leaves behind.
    pub fn kill(&mut self) -> u32 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.pid()
    }

    /// SIGKILL, and left a zombie: returns once it has exited.
    pub fn crash_unreaped(&mut self) {
        self.child.kill().unwrap();
        waitid(Id::Pid(self.raw_pid()), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
    }

    /// Returns once the peer waits in the kernel's queue for a flock, as `/proc/locks` shows.
    pub fn wait_until_queued(&self) {
        wait_until(|| {
            let locks = fs::read_to_string("/proc/locks").unwrap();
            locks.lines().any(|line| {
                let words: Vec<_> = line.split_whitespace().collect();
                words.get(1) == Some(&"->") && words.get(5) == Some(&&*self.pid().to_string())
            })
        });
    }

    /// Returns once the peer sleeps in the system call of the number.
    pub fn wait_until_in(&self, syscall: libc::c_long) {
        wait_until(|| sleeps_in(self.pid(), None, syscall));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Without commands, a peer ends in good order. In a test that failed it may be waiting.
        self.commands = None;
        if std::thread::panicking() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Asks again and again, giving way in between, for what has no event to wait for. A wait that
/// never ends is ended by the test's own time limit.
pub fn wait_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

/// Whether a thread of the process, the one given or any, sleeps in the system call of the number.
pub fn sleeps_in(process: u32, thread: Option<Pid>, syscall: libc::c_long) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.map(|task| task.unwrap().path()).any(|task| {
        let asked = thread.is_none_or(|thread| task.ends_with(thread.to_string()));
        let syscall_now = fs::read_to_string(task.join("syscall")).unwrap_or_default();
        asked && syscall_now.split(' ').next() == Some(&syscall.to_string())
    })
}

/// A set of the paths that are locked, in this process.
pub fn callback() -> Callback {
    let taken: Arc<Mutex<HashSet<PathBuf>>> = Arc::default();
    let left = Arc::clone(&taken);
    Callback::new(
        "set",
        move |path| Ok(taken.lock().unwrap().insert(path.to_owned())),
        move |path| {
            left.lock().unwrap().remove(path);
            Ok(())
        },
    )
}

fn phase(word: &str) -> Phase {
    let phases = [Phase::Starting, Phase::Ready, Phase::Stopping];
    phases.into_iter().find(|phase| phase.to_string() == word).unwrap()
}

/// A PID that no process has: beyond the largest that Linux gives (2^22).
pub const NO_PROCESS: u32 = 4_194_304;

/// Leaves what a holder that died while holding leaves behind; returns its PID.
pub fn leave_stale(path: &Path) -> u32 {
    Peer::holding(path).crash()
}

/// What a peer does. In the test program itself: nothing, there it is no test.
#[test]
fn peer() {
    let Some(path) = env::var_os(PATH) else { return };
    #[cfg(feature = "robust-mutex")]
    if env::var(OPTIONS).unwrap() == "robust-mutex" {
        let mut lock = None;
        println!("{MARK}ready");
        for command in io::stdin().lines() {
            println!("{MARK}{}", mutex::obey(&mut lock, Path::new(&path), &command.unwrap()));
        }
        return;
    }
    // Whoever started the tests may have had some ignored, as nohup(1) does.
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM] {
        obedience::handle(signal, SigHandler::SigDfl);
    }
    let mut lock = Lockfile::new(path);
    for option in env::var(OPTIONS).unwrap().split_whitespace() {
        lock = match option {
            "callback" => lock.backend(callback()),
            "hardlink" => lock.backend(Hardlink),
            "memory" => lock.backend(Memory::new()),
            "keep" => lock.keep_file(true),
            "json" => lock.format(Format::Json),
            "pid" => lock.format(Format::Pid),
            "pid-bare" => lock.format(Format::PidBare),
            "pid-line" => lock.format(Format::PidLine),
            "semaphore" => lock.backend(Semaphore),
            #[cfg(feature = "systemd")]
            "notify" => lock.notify_systemd(true),
            option => match option.split_once('=').unwrap() {
                ("message", message) => lock.message(message),
                ("phase", word) => lock.phase(phase(word)),
                ("posix-semaphore", name) => lock.backend(PosixSemaphore::new(name).unwrap()),
                _ => panic!("{option:?} is no option"),
            },
        };
    }
    println!("{MARK}ready");
    for command in io::stdin().lines() {
        println!("{MARK}{}", obedience::obey(&mut lock, &command.unwrap()));
    }
}
