//! Where a peer meets a fault: a lockfile, what is there before, and strace(1).

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{NO_PROCESS, Peer, Place, leave_stale, place};

/// Whether processes can be traced here; if not, says that the case was not run.
#[expect(clippy::print_stderr, reason = "a case that was not run must not look as if it was")]
pub(crate) fn can_trace(case: &str) -> bool {
    let traced = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("NOT RUN: {case}: it needs strace(1), and the right to trace");
    }
    can
}

/// What is at the path before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    /// What a killed holder leaves.
    Stale,
    /// The same, longer than the record that comes after it, so that the file has to be cut.
    Long,
}

/// A system call on the lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Create,
    Open,
    Lock,
    Fstat,
    Lstat,
    /// The `lstat` after locking: whether the path names the locked file.
    Confirm,
    Read,
    Write,
    Cut,
    Remove,
    Unlock,
    Close,
}

impl Call {
    /// Whether a line of strace's log is about it. Older C libraries have no fstat of their own.
    fn is_in(self, line: &str) -> bool {
        let (name, has) = (name(line), |part| line.contains(part));
        match self {
            Self::Create => name == "openat" && has("O_EXCL"),
            Self::Open => name == "openat" && !has("O_EXCL"),
            Self::Lock => name == "flock" && has("LOCK_EX"),
            Self::Unlock => name == "flock" && has("LOCK_UN"),
            Self::Fstat => name == "fstat" || name == "newfstatat" && has("AT_EMPTY_PATH"),
            Self::Lstat | Self::Confirm => {
                name == "lstat" || name == "newfstatat" && has("AT_SYMLINK_NOFOLLOW")
            }
            Self::Read => name == "pread64",
            Self::Write => name == "pwrite64",
            Self::Cut => name == "ftruncate",
            Self::Remove => name == "unlink",
            Self::Close => name == "close",
        }
    }
}

/// The system call in a line of the log, which begins with the PID.
fn name(line: &str) -> &str {
    let call = line.split_whitespace().nth(1).unwrap_or_default();
    call.split('(').next().unwrap_or_default()
}

pub(crate) struct Stage {
    pub(crate) place: Place,
    before: Option<Vec<u8>>,
    options: String,
}

impl Stage {
    pub(crate) fn new(before: Before, options: &str) -> Self {
        let place = place();
        let content = match before {
            Before::Nothing => None,
            Before::Stale => {
                leave_stale(&place.path);
                Some(fs::read(&place.path).unwrap())
            }
            Before::Long => Some(format!("{NO_PROCESS}\n{}", "\n".repeat(100)).into_bytes()),
        };
        let options = if before == Before::Long { "pid" } else { options };
        Self { place, before: content, options: options.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.place.path
    }

    /// Puts there what is to be there before.
    #[expect(clippy::disallowed_methods, reason = "between the acts, nobody holds the lock")]
    pub(crate) fn set(&self) {
        match &self.before {
            Some(content) => fs::write(self.path(), content).unwrap(),
            None => drop(fs::remove_file(self.path())),
        }
    }

    /// The calls that a peer makes, when none fails, to do what it is told.
    pub(crate) fn rehearse(&self, commands: &[&str]) -> Script {
        self.set();
        let (mut peer, log) = self.traced(&[]);
        for command in commands {
            assert_eq!(peer.ask(command), "ok");
        }
        let lines = log.lines();
        assert!(lines.iter().all(|line| !line.contains("<unfinished")), "{lines:?}");
        Script(lines)
    }

    /// A peer whose calls fail as strace is told.
    pub(crate) fn injecting(&self, fault: &str) -> (Peer, Log) {
        self.traced(&["-e", fault])
    }

    fn traced(&self, arguments: &[&str]) -> (Peer, Log) {
        // In another directory: in that of the lockfile is to be nothing else.
        let log = Log(place());
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o"]).arg(&log.0.path).arg("-P").arg(self.path());
        strace.args(arguments);
        (Peer::through(strace, self.path(), &self.options), log)
    }
}

/// What strace saw of the lockfile.
pub(crate) struct Log(Place);

impl Log {
    fn lines(&self) -> Vec<String> {
        fs::read_to_string(&self.0.path).unwrap().lines().map(str::to_owned).collect()
    }

    pub(crate) fn is_injected(&self, error: &str) -> bool {
        let is =
            |line: &String| line.ends_with("(INJECTED)") && line.contains(&format!(" {error} "));
        self.lines().iter().filter(|line| is(line)).count() == 1
    }

    /// Asserts that one call has failed so, and by strace's hand. The peer has ended.
    pub(crate) fn assert_injected(&self, error: &str, row: &str) {
        assert!(self.is_injected(error), "{row}: nothing was injected: {:#?}", self.lines());
    }
}

/// The calls of a peer, in the order of their making.
pub(crate) struct Script(Vec<String>);

impl Script {
    /// The first such call.
    pub(crate) fn first(&self, call: Call) -> Fault {
        let from = match call {
            Call::Confirm => self.0.iter().position(|line| Call::Lock.is_in(line)).unwrap(),
            _ => 0,
        };
        let found = self.0[from..].iter().position(|line| call.is_in(line));
        self.fault(found.map(|at| from + at), call)
    }

    /// The last such call.
    pub(crate) fn last(&self, call: Call) -> Fault {
        self.fault(self.0.iter().rposition(|line| call.is_in(line)), call)
    }

    fn fault(&self, found: Option<usize>, call: Call) -> Fault {
        let at = found.unwrap_or_else(|| panic!("no {call:?} in {:#?}", self.0));
        let name = name(&self.0[at]).to_owned();
        let when = self.0[..=at].iter().filter(|line| self::name(line) == name).count();
        Fault { name, when }
    }
}

/// A system call by its name, and by how many of the name there are up to it.
pub(crate) struct Fault {
    name: String,
    when: usize,
}

impl Fault {
    /// What to tell strace so that the call fails with the error.
    pub(crate) fn error(&self, error: &str) -> String {
        format!("inject={}:error={error}:when={}", self.name, self.when)
    }
}
