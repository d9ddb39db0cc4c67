//! A small vocabulary for tests with real processes, on whatever system.
//!
//! A [`Peer`] is a process of its own (this test program once more) that does with one lock what it
//! is told, line by line, and answers when it is done. So tests wait for answers, and never for the
//! clock.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "every test program uses a part of it, and whoever cannot go on has failed"
)]

use std::collections::HashSet;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[cfg(feature = "kernel-mutex")]
use tenure::KernelMutex;
use tenure::{Callback, Error, Hardlink, Lock, Lockfile};

const PATH: &str = "TENURE_TEST_PEER_PATH";
const OPTIONS: &str = "TENURE_TEST_PEER_OPTIONS";
/// What runs programs of this machine's, where the kernel does not: an emulator, and its arguments.
const RUNNER: &str = "TENURE_TEST_RUNNER";
/// Tells the peer's answers from what the test harness prints.
const MARK: &str = "@ ";

/// A PID that no process has: beyond the largest that any system gives.
pub const NO_PROCESS: u32 = 4_194_304;

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

/// This test program, to be started once more.
fn this_program() -> Command {
    let program = env::current_exe().unwrap();
    let runner = env::var(RUNNER).unwrap_or_default();
    let mut words = runner.split_whitespace();
    let Some(runner) = words.next() else { return Command::new(program) };
    let mut command = Command::new(runner);
    command.args(words).arg(program);
    command
}

/// A process that contends for a lock.
pub struct Peer {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    pub fn start(path: &Path) -> Self {
        Self::with(path, "")
    }

    /// `options`, separated by spaces: `hardlink`, `keep`, `message=…`. Or `kernel-mutex` alone, and
    /// then the path is its name.
    pub fn with(path: &Path, options: &str) -> Self {
        Self::spawn(this_program(), path, options)
    }

    fn spawn(mut program: Command, path: &Path, options: &str) -> Self {
        let mut child = program
            .args(["--exact", "support::peer", "--nocapture"])
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
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the peer has died");
            // libtest prints the name of the test before, on the same line.
            if let Some((_, answer)) = line.trim_end().split_once(MARK) {
                return answer.to_owned();
            }
        }
    }

    /// By way of another program, whose last arguments are this one and what that is to do.
    pub fn through(mut program: Command, path: &Path) -> Self {
        program.arg(env::current_exe().unwrap());
        Self::spawn(program, path, "")
    }

    /// Killed, and waited for.
    pub fn crash(mut self) -> u32 {
        self.kill()
    }

    /// The same; what it has started goes on having its input.
    pub fn kill(&mut self) -> u32 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.pid()
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

/// Leaves what a holder that died while holding leaves behind; returns its PID.
pub fn leave_stale(path: &Path) -> u32 {
    Peer::holding(path).crash()
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

/// What a peer does. In the test program itself: nothing, there it is no test.
#[test]
fn peer() {
    let Some(path) = env::var_os(PATH).map(PathBuf::from) else { return };
    let mut contender = Contender::new(&path, &env::var(OPTIONS).unwrap());
    println!("{MARK}ready");
    for command in io::stdin().lines() {
        println!("{MARK}{}", contender.obey(&command.unwrap()));
    }
}

enum Contender {
    File(Lockfile),
    #[cfg(feature = "kernel-mutex")]
    Mutex(KernelMutex),
}

impl Contender {
    fn new(path: &Path, options: &str) -> Self {
        #[cfg(feature = "kernel-mutex")]
        if options == "kernel-mutex" {
            return Self::Mutex(KernelMutex::open(path.to_str().unwrap()).unwrap());
        }
        let mut lock = Lockfile::new(path);
        for option in options.split_whitespace() {
            lock = match option.split_once('=') {
                None if option == "hardlink" => lock.backend(Hardlink),
                None if option == "keep" => lock.keep_file(true),
                Some(("message", message)) => lock.message(message),
                _ => panic!("{option:?} is no option"),
            };
        }
        Self::File(lock)
    }

    fn obey(&mut self, command: &str) -> String {
        let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
        let result = match self {
            Self::File(lock) => match word {
                "try_lock_shared" => lock.try_lock_shared(),
                "verify" => lock.verify(),
                "set_message" => lock.set_message(argument),
                _ => return obey(lock, word, argument),
            },
            #[cfg(feature = "kernel-mutex")]
            Self::Mutex(lock) => return obey(lock, word, argument),
        };
        result.map_or_else(|err| text(&err), |()| "ok".to_owned())
    }
}

/// What every lock can do.
fn obey(lock: &mut dyn Lock, word: &str, argument: &str) -> String {
    let result = match word {
        "try_lock" => lock.try_lock(),
        "lock" => lock.lock(),
        "lock_timeout" => lock.lock_timeout(Duration::from_millis(argument.parse().unwrap())),
        "unlock" => lock.unlock(),
        "was_abandoned" => return lock.was_abandoned().to_string(),
        "status" => {
            return lock.status().map_or_else(|err| text(&err), |it| it.state().to_string());
        }
        // Fails if anybody else is inside: only one can make a directory.
        "take_turns" => {
            for _ in 0..100 {
                lock.lock().unwrap();
                fs::create_dir(argument).expect("somebody else is inside");
                fs::remove_dir(argument).unwrap();
                lock.unlock().unwrap();
            }
            Ok(())
        }
        _ => panic!("{word:?} is no command"),
    };
    result.map_or_else(|err| text(&err), |()| "ok".to_owned())
}

/// `Variant: what it says`.
fn text(err: &Error) -> String {
    let debug = format!("{err:?}");
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    format!("{variant}: {err}")
}
