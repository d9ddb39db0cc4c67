//! A contender, seen by whoever tells it what to do.

#![expect(clippy::print_stderr, reason = "what was said is shown when the check has failed")]

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::{self, JoinHandle};

use super::actor::{Actor, GOING};
use super::spawn;
use crate::lockfile::Lockfile;
use crate::sys::{self, Line};

/// A thread or a process that does with one lockfile what it is told, line by line, and answers
/// when it is done: so checks wait for answers, and never for the clock.
pub(super) struct Contender {
    line: BufReader<Line>,
    body: Body,
    /// Where the system shows what its thread does; nowhere, on some.
    task: PathBuf,
}

enum Body {
    Thread(Option<JoinHandle<io::Result<()>>>),
    Process(Child),
}

impl Contender {
    pub(super) fn thread(lock: Lockfile) -> io::Result<Self> {
        let (ours, theirs) = sys::line()?;
        let handle = thread::Builder::new().spawn(move || Actor::new(lock).serve(theirs))?;
        Ok(Self::introduced(ours, Body::Thread(Some(handle))))
    }

    pub(super) fn process(candidate: &str, path: &Path) -> io::Result<Self> {
        let (ours, child) = sys::spawn_with_line(&mut spawn::contender(candidate, path)?)?;
        Ok(Self::introduced(ours, Body::Process(child)))
    }

    fn introduced(line: Line, body: Body) -> Self {
        let mut contender = Self { line: BufReader::new(line), body, task: PathBuf::new() };
        contender.task = contender.answer().into();
        contender
    }

    pub(super) fn pid(&self) -> u32 {
        match &self.body {
            Body::Thread(_) => std::process::id(),
            Body::Process(child) => child.id(),
        }
    }

    /// Tells what to do, and returns the answer.
    pub(super) fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    /// Tells what to do, which has to go well.
    #[track_caller]
    pub(super) fn succeed(&mut self, command: &str) {
        assert_eq!(self.ask(command), "ok", "pid {}: {command}", self.pid());
    }

    pub(super) fn tell(&mut self, command: &str) {
        eprintln!("pid {}: {command}", self.pid());
        writeln!(self.line.get_mut(), "{command}").expect("the contender has ended");
    }

    /// Tells it to wait, and returns when it does so, asleep, as far as the system shows that.
    #[track_caller]
    pub(super) fn wait_in(&mut self, command: &str) {
        self.tell(command);
        assert_eq!(self.answer(), GOING);
        self.until_asleep();
    }

    /// Checks that it waits, and has not been told of an end.
    #[track_caller]
    pub(super) fn still_waits(&mut self) {
        if self.has_answered() {
            let pid = self.pid();
            panic!("the lock is held, and yet the wait of pid {pid} ended: {}", self.answer());
        }
    }

    pub(super) fn until_asleep(&self) {
        while is_awake(&self.task) {
            thread::yield_now();
        }
    }

    #[track_caller]
    pub(super) fn answer(&mut self) -> String {
        let mut line = String::new();
        let length = self.line.read_line(&mut line).expect("the contender can be heard");
        assert_ne!(length, 0, "the contender has ended");
        eprintln!("pid {}: → {}", self.pid(), line.trim_end());
        line.trim_end().to_owned()
    }

    /// Whether an answer is there already.
    pub(super) fn has_answered(&mut self) -> bool {
        let listen = |line: &mut BufReader<Line>| {
            line.get_ref().set_nonblocking(true)?;
            let heard = line.fill_buf().map(|_| ());
            line.get_ref().set_nonblocking(false)?;
            heard
        };
        match listen(&mut self.line) {
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => false,
            result => {
                result.expect("the contender can be heard");
                true
            }
        }
    }

    /// Interrupts its thread, which has admitted that.
    pub(super) fn interrupt(&self) {
        sys::interrupt(self.pid()).expect("the contender is there");
    }

    /// SIGKILL, to a process; returns when it has been reaped.
    pub(super) fn die(&mut self) {
        let Body::Process(child) = &mut self.body else { panic!("a thread cannot die alone") };
        child.kill().expect("it is our child");
        child.wait().expect("it is our child");
        eprintln!("pid {}: killed", child.id());
    }
}

/// Whether the system shows a thread that is not asleep: the state in `proc_pid_stat(5)`.
fn is_awake(task: &Path) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(task).join("stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['S', 'Z']))
}

impl Drop for Contender {
    /// It ends in good order; when the check has failed, by force, because it may be waiting.
    fn drop(&mut self) {
        let failed = thread::panicking();
        // Not only closed, because forked children may have copies.
        let _ = self.line.get_ref().shutdown(Shutdown::Both);
        match &mut self.body {
            Body::Process(child) => {
                if failed {
                    let _ = child.kill();
                }
                let _ = child.wait();
            }
            Body::Thread(handle) if !failed => {
                let _ = handle.take().map(JoinHandle::join);
            }
            Body::Thread(_) => {}
        }
    }
}
