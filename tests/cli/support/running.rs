//! Processes to talk with.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};

use super::{Ended, GUARD, as_pid, spawn_at, terminal, within_guard};

/// The lines that a process writes, as they come.
struct Lines(Receiver<String>);

impl Lines {
    fn of(source: impl Read + Send + 'static) -> Self {
        let (tell, told) = channel();
        thread::spawn(move || {
            // A terminal that nobody has open any more is an error where a pipe is at its end.
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                let _ = tell.send(line.trim_end_matches('\r').to_owned());
            }
        });
        Self(told)
    }

    fn within_guard(&self) -> Result<String, RecvTimeoutError> {
        self.0.recv_timeout(GUARD)
    }

    /// `None` at the end.
    fn next(&self) -> Option<String> {
        match self.within_guard() {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("there is no next line, and no end"),
        }
    }

    fn rest(&self) -> String {
        std::iter::from_fn(|| self.next()).map(|line| line + "\n").collect()
    }
}

/// A process to talk with. It is killed if the test ends before it does.
pub(crate) struct Running {
    child: Option<Child>,
    pid: u32,
    input: Option<File>,
    output: Lines,
    errors: Option<Lines>,
}

impl Running {
    /// On pipes.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            pid: child.id(),
            input: child.stdin.take().map(|pipe| OwnedFd::from(pipe).into()),
            output: Lines::of(child.stdout.take().unwrap()),
            errors: child.stderr.take().map(Lines::of),
            child: Some(child),
        }
    }

    /// On a terminal of its own, which does not echo what is typed.
    pub(crate) fn start_on_terminal(command: Command) -> Self {
        let (master, slave) = terminal();
        let mut termios = tcgetattr(&slave).unwrap();
        termios.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(&slave, SetArg::TCSANOW, &termios).unwrap();
        let child = spawn_at(slave, command);
        Self {
            pid: child.id(),
            output: Lines::of(master.try_clone().unwrap()),
            input: Some(master),
            errors: None,
            child: Some(child),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn line(&self) -> String {
        self.output.next().expect("there is a line")
    }

    /// The next line on standard error, which is a pipe.
    pub(crate) fn error_line(&self) -> String {
        self.errors.as_ref().unwrap().next().expect("there is a line")
    }

    /// Returns once this has said that it waits.
    pub(crate) fn waits(&self) {
        let line = self.error_line();
        assert!(line.starts_with("tenure: waiting for "), "{line}");
    }

    /// Reads until a line is `expected`; on a terminal the shell talks, too.
    pub(crate) fn reaches(&self, expected: &str) {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != expected) {
            match self.output.within_guard() {
                Ok(line) => lines.push(line),
                Err(why) => panic!("{expected:?} does not come after {lines:?}: {why}"),
            }
        }
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.input.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Returns once `cat` has answered: then it runs, and whatever started it waits for it.
    pub(crate) fn shakes_hands(&mut self) {
        self.say("hello\n");
        assert_eq!(self.line(), "hello");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(as_pid(self.pid), signal).unwrap();
    }

    /// Everything up to the end of the output, which comes when the last process with it has ended.
    pub(crate) fn rest(&self) -> String {
        self.output.rest()
    }

    /// Hangs up, and waits for the end.
    pub(crate) fn end(&mut self) -> Ended {
        if self.errors.is_some() {
            self.input = None;
        }
        let mut child = self.child.take().unwrap();
        let status = within_guard(self.pid, move || child.wait().unwrap());
        // The end of the output of a terminal comes when its last slave is closed.
        let stdout = self.output.rest();
        let stderr = self.errors.as_ref().map_or_else(String::new, Lines::rest);
        Ended { code: status.code(), signal: status.signal(), stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
