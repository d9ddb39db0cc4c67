//! The programs that contend, and the commands that they run while they hold the lock.

use std::env;
use std::error::Error as _;
use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tenure::{Error, Hardlink, Lockfile};

use crate::support::elsewhere::tell;

/// The exit status of `tenure run` when somebody else holds the lock.
pub(crate) const BUSY: i32 = 75;
/// The exit status of `tenure run` when the lock was lost meanwhile.
const LOST: i32 = 79;
/// Any other failure of [`linked`].
pub(crate) const FAILED: i32 = 70;

/// How long a contender waits that does not give up at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that has not answered after this many milliseconds is stuck.
const STUCK: u16 = 60_000;

/// A command says this, and its PID, when it is inside. Then it stays until it is told to leave.
const STAY: &str = "echo \"@inside $$\"; read line; exit 0";
const INSIDE: &str = "@inside ";

const LOCK: &str = "TENURE_TEST_LINKED_LOCK";
const SCRIPT: &str = "TENURE_TEST_LINKED_SCRIPT";
const WAITS: &str = "TENURE_TEST_LINKED_WAITS";
/// Set for every contender: a file on another file system.
pub(crate) const ORACLE: &str = "ORACLE";

/// What runs a command while it holds a lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// `tenure run`, which uses flock(2).
    Tenure,
    /// The same with `--keep-file`.
    TenureKeeping,
    /// The library's backend `Hardlink`, in a process that behaves as `tenure run` does.
    Linked,
    /// The broken twin: it takes no lock at all.
    Unlocked,
}

/// Where a contender runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Here,
    /// In a PID namespace and a mount namespace of its own.
    Contained,
}

/// Whether a contender waits for the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    None,
    Some,
}

impl Program {
    /// Runs `script` with sh(1) while it holds `lock`.
    pub(crate) fn command(
        self,
        place: Where,
        patience: Patience,
        lock: &Path,
        script: &str,
    ) -> Command {
        let mut words: Vec<&OsStr> = Vec::new();
        if place == Where::Contained {
            words.extend(["unshare", "-pf", "--mount-proc", "--kill-child"].map(OsStr::new));
        }
        let this_program = env::current_exe().unwrap();
        let wait = format!("--wait={}", PATIENCE.as_secs());
        let option = if patience == Patience::Some { &wait } else { "--nonblock" };
        let sh = ["sh", "-c", script].map(OsStr::new);
        match self {
            Self::Tenure | Self::TenureKeeping => {
                let tenure = [env!("CARGO_BIN_EXE_tenure"), "run", option].map(OsStr::new);
                words.extend(tenure);
                words.extend((self == Self::TenureKeeping).then_some(OsStr::new("--keep-file")));
                words.extend([lock.as_os_str(), "--".as_ref()]);
                words.extend(sh);
            }
            Self::Linked => {
                words.push(this_program.as_os_str());
                words.extend(["--exact", "program::linked", "--nocapture"].map(OsStr::new));
            }
            Self::Unlocked => words.extend(sh),
        }
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        if self == Self::Linked {
            command.env(LOCK, lock).env(SCRIPT, script);
            command.env(WAITS, if patience == Patience::Some { "yes" } else { "" });
        }
        command
    }

    /// A process that stays inside until it is told to leave, or ends because it is refused.
    pub(crate) fn stay(self, place: Where, lock: &Path) -> Running {
        let mut command = self.command(place, Patience::None, lock, STAY);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = child.stdout.take().unwrap();
        Running { child: Some(child), output }
    }
}

/// `tenure run` with the backend `Hardlink`. Does nothing unless [`Program::command`] starts it.
#[test]
fn linked() {
    let Some(path) = env::var_os(LOCK) else { return };
    let mut lock = Lockfile::new(path).backend(Hardlink);
    let waits = env::var(WAITS).is_ok_and(|waits| !waits.is_empty());
    let locked = if waits { lock.lock_timeout(PATIENCE) } else { lock.try_lock() };
    if let Err(err) = locked {
        say(&err);
        std::process::exit(if err.is_busy() { BUSY } else { FAILED });
    }
    if let Some(holder) = lock.recovered_from() {
        tell(&format!("recovered the lock from {holder}"));
    }
    let status = Command::new("sh").arg("-c").arg(env::var_os(SCRIPT).unwrap()).status().unwrap();
    let code = match lock.unlock() {
        Ok(()) => status.code().unwrap_or(FAILED),
        Err(err) => {
            say(&err);
            if matches!(err, Error::RogueDeletion { .. }) { LOST } else { FAILED }
        }
    };
    std::process::exit(code);
}

fn say(err: &Error) {
    let cause = err.source().map(|cause| format!(": {cause}"));
    tell(&format!("{err}{}", cause.unwrap_or_default()));
}

/// How a process ended, and what it said on standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) said: String,
}

impl Ended {
    /// Runs it to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { status: output.status, said }
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match self.said.trim_end() {
            "" => Ok(()),
            said => write!(f, ": {said}"),
        }
    }
}

/// A process that is inside, or was refused. It is killed when this is dropped.
pub(crate) struct Running {
    child: Option<Child>,
    output: ChildStdout,
}

impl Running {
    /// Returns the PID of the command once that is inside, or `None` when the process has ended.
    pub(crate) fn inside(&mut self) -> Option<i32> {
        let mut said = Vec::new();
        while self.read(&mut said) {
            let text = String::from_utf8_lossy(&said);
            let line = text.lines().find_map(|line| line.split_once(INSIDE));
            if let Some((_, pid)) = line.filter(|_| text.ends_with('\n')) {
                return Some(pid.parse().unwrap());
            }
        }
        None
    }

    /// Returns once no process has its standard output open.
    fn silence(&mut self) {
        while self.read(&mut Vec::new()) {}
    }

    /// Reads what there is; `false` at the end.
    fn read(&mut self, said: &mut Vec<u8>) -> bool {
        let mut ready = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
        let answered = poll(&mut ready, PollTimeout::from(STUCK)).unwrap() > 0;
        assert!(answered, "a contender is stuck");
        let mut buffer = [0; 4096];
        let length = self.output.read(&mut buffer).unwrap();
        said.extend(&buffer[..length]);
        length > 0
    }

    /// Tells the command to leave. It may have ended already.
    pub(crate) fn leave(&mut self) {
        if let Some(mut input) = self.child.as_mut().and_then(|child| child.stdin.take()) {
            let _ = input.write_all(b"leave\n");
        }
    }

    /// Returns how it ended, of itself.
    pub(crate) fn end(mut self) -> Ended {
        self.silence();
        let output = self.child.take().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ended { status: output.status, said }
    }

    /// SIGKILL to the process and to its command. Returns when both are gone.
    pub(crate) fn crash(mut self, command: i32) {
        let child = self.child.as_mut().unwrap();
        // Stopped, it cannot release the lock between the two deaths.
        let program = Pid::from_raw(i32::try_from(child.id()).unwrap());
        kill(program, Signal::SIGSTOP).unwrap();
        kill(Pid::from_raw(command), Signal::SIGKILL).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        self.silence();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.leave();
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
