//! A process that wants the lock: it gets in and stays, or it is refused.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::processes::{below, is_queued};

/// A shell script that says its PID once it is inside, and stays until it is told to leave.
pub(crate) const STAY: &str = "echo \"@inside $$\"; read line; exit 0";
const INSIDE: &str = "@inside ";

/// A process that has not answered after so many milliseconds is stuck.
const STUCK: u16 = 60_000;
/// How many milliseconds lie between two looks at the kernel's queue, which nothing tells of.
const PACE: u16 = 1;

/// Where a contender is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Inside,
    /// In the kernel's queue for the lock.
    Waiting,
    /// It was refused, and has ended.
    Outside(ExitStatus),
}

/// It runs in a PID namespace whose first process is this one: its orphans become our children.
pub(crate) struct Contender {
    child: Child,
    output: ChildStdout,
    errors: ChildStderr,
    /// Whether it waits in the kernel's queue if the lock is held.
    is_patient: bool,
    /// The process that is inside.
    inside: Option<Pid>,
}

impl Contender {
    pub(crate) fn start(mut command: Command, is_patient: bool) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = child.stdout.take().unwrap();
        let errors = child.stderr.take().unwrap();
        Self { child, output, errors, is_patient, inside: None }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    /// Returns once it is inside, waits in the kernel's queue, or has ended.
    pub(crate) fn arrives(&mut self) -> Where {
        let mut said = Vec::new();
        loop {
            if self.waits() {
                return Where::Waiting;
            }
            if !self.read(&mut said) {
                return Where::Outside(self.child.wait().unwrap());
            }
            self.inside = announced(&said);
            if self.inside.is_some() {
                return Where::Inside;
            }
        }
    }

    /// Returns once it waits in the kernel's queue, or says something.
    fn waits(&self) -> bool {
        let pace = if self.is_patient { PACE } else { STUCK };
        for _ in 0..STUCK / pace {
            if self.speaks(pace) {
                return false;
            }
            if self.is_patient && is_queued(self.pid()) {
                return true;
            }
        }
        panic!("a contender is stuck");
    }

    fn speaks(&self, patience: u16) -> bool {
        let mut ready = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
        poll(&mut ready, PollTimeout::from(patience)).unwrap() > 0
    }

    /// Reads what it says; `false` at the end.
    fn read(&mut self, said: &mut Vec<u8>) -> bool {
        let mut buffer = [0; 4096];
        let length = self.output.read(&mut buffer).unwrap();
        said.extend(&buffer[..length]);
        length > 0
    }

    /// Tells it to leave, and returns how it ended and what it said on standard error.
    pub(crate) fn leave(mut self) -> (ExitStatus, String) {
        // It can have ended already.
        let _ = self.child.stdin.take().unwrap().write_all(b"leave\n");
        while self.read(&mut Vec::new()) {}
        let status = self.child.wait().unwrap();
        self.reap(&[]);
        (status, self.complaints())
    }

    /// What it has said on standard error, once it has ended.
    pub(crate) fn complaints(&mut self) -> String {
        let mut said = Vec::new();
        self.errors.read_to_end(&mut said).unwrap();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// SIGKILL to the program alone. Returns when it and all that it started have ended.
    pub(crate) fn dies(mut self) {
        let family = self.family();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reap(&family);
    }

    /// SIGKILL to the program and to all that it started. Returns when they have ended.
    pub(crate) fn dies_with_its_children(mut self) {
        let family = self.family();
        // Stopped, none can release the lock, or start another process.
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in &family {
                kill(*pid, signal).unwrap();
            }
        }
        self.child.wait().unwrap();
        self.reap(&family);
    }

    /// The program, and all processes below it and below the one that is inside.
    fn family(&self) -> Vec<Pid> {
        let mut family = below(self.pid());
        let more = self.inside.map(below).unwrap_or_default();
        family.extend(more.into_iter().filter(|pid| !family.contains(pid)).collect::<Vec<_>>());
        family
    }

    /// Waits for those that have become children of this process, so that their PIDs are nobody's.
    fn reap(&self, family: &[Pid]) {
        for pid in family.iter().chain(&self.inside).filter(|pid| **pid != self.pid()) {
            // There is no such child where its own parent has waited for it.
            let _ = waitpid(*pid, None);
        }
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn announced(said: &[u8]) -> Option<Pid> {
    let text = String::from_utf8_lossy(said);
    let line = text.split_inclusive('\n').find_map(|line| line.split_once(INSIDE));
    line?.1.strip_suffix('\n')?.parse().ok().map(Pid::from_raw)
}
