//! The ways to use tenure.

use std::env;
use std::fmt;
use std::path::Path;
use std::process::Command;

use tenure::{Format, Hardlink, Lockfile};

use crate::contender::{Contender, STAY};
use crate::support::elsewhere::tell;

/// The exit status when somebody else holds the lock.
pub(crate) const BUSY: i32 = 75;
/// The exit status when the file is not a lockfile.
pub(crate) const UNRECOGNIZED: i32 = 65;
/// The exit status when the lock was lost meanwhile.
pub(crate) const LOST: i32 = 79;

const LOCK: &str = "TENURE_TEST_LINKED_LOCK";
const PID_LINE: &str = "TENURE_TEST_LINKED_PID_LINE";

/// How tenure locks, and what it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// `tenure run`, and so on.
    Json,
    PidLine,
    Pid,
    PidBare,
    /// `tenure run --keep-file`.
    Kept,
    /// The library's backend `Hardlink`, which `tenure run` does not have.
    Hardlink,
    /// The same with the format `PidLine`.
    HardlinkPidLine,
}

/// All that begins with a PID.
pub(crate) const PID_FIRST: &[Way] = &[Way::PidLine, Way::Pid, Way::PidBare];
/// All formats.
pub(crate) const FORMATS: &[Way] = &[Way::Json, Way::PidLine, Way::Pid, Way::PidBare];
pub(crate) const JSON: &[Way] = &[Way::Json];

impl Way {
    fn option(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("--format=json"),
            Self::PidLine => Some("--format=pid-line"),
            Self::Pid => Some("--format=pid"),
            Self::PidBare => Some("--format=pid-bare"),
            Self::Kept => Some("--keep-file"),
            Self::Hardlink | Self::HardlinkPidLine => None,
        }
    }

    /// Whether it is `tenure run`, and not a program of the tests that uses the library.
    pub(crate) fn is_of_the_program(self) -> bool {
        self.option().is_some()
    }

    /// The formats of a bare PID do not keep who made the file, and so it stays.
    pub(crate) fn removes_what_it_recovers(self) -> bool {
        !matches!(self, Self::Pid | Self::PidBare | Self::Kept)
    }

    pub(crate) fn start(self, lock: &Path) -> Contender {
        let mut command;
        if let Some(option) = self.option() {
            command = Command::new(env!("CARGO_BIN_EXE_tenure"));
            command.args(["run", option]).arg(lock).args(["--", "sh", "-c", STAY]);
        } else {
            command = Command::new(env::current_exe().unwrap());
            command.args(["--exact", "way::linked", "--nocapture"]).env(LOCK, lock);
            if self == Self::HardlinkPidLine {
                command.env(PID_LINE, "yes");
            }
        }
        Contender::start(command, false)
    }

    /// `tenure run` has a guard that kills the command with it.
    pub(crate) fn kill(self, holder: Contender) {
        if self.is_of_the_program() {
            holder.dies();
        } else {
            holder.dies_with_its_children();
        }
    }
}

/// As the table says it.
impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::PidLine => "pid-line",
            Self::Pid => "pid",
            Self::PidBare => "pid-bare",
            Self::Kept => "json, `--keep-file`",
            Self::Hardlink => "json, `Hardlink`",
            Self::HardlinkPidLine => "pid-line, `Hardlink`",
        })
    }
}

/// `tenure run` with the backend `Hardlink`. It does nothing unless [`Way::start`] starts it.
#[test]
fn linked() {
    let Some(lock) = env::var_os(LOCK) else { return };
    let format = if env::var_os(PID_LINE).is_some() { Format::PidLine } else { Format::Json };
    let mut lock = Lockfile::new(lock).backend(Hardlink).format(format);
    if let Err(err) = lock.try_lock() {
        tell(&err.to_string());
        std::process::exit(if err.is_busy() { BUSY } else { UNRECOGNIZED });
    }
    Command::new("sh").args(["-c", STAY]).status().unwrap();
    if let Err(err) = lock.unlock() {
        tell(&err.to_string());
        std::process::exit(LOST);
    }
    std::process::exit(0);
}
