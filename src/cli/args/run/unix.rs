//! That of Unix.

use std::ffi::OsString;
use std::time::Duration;

use clap::ValueEnum;

use crate::args::acquisition::Acquisition;
use crate::args::limit::{Limit, limit};

#[derive(Debug, clap::Args)]
#[command(after_help = RUN_HELP)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) acquisition: Acquisition,
    /// Stop the holder (TERM, and KILL if it has not ended within GRACE, 10s if not given), and take
    /// its place; see `tenure stop --help` for who is not stopped
    #[arg(long, value_name = "GRACE", num_args = 0..=1, require_equals = true,
        default_missing_value = "10s", value_parser = time, conflicts_with = "nonblock")]
    pub(crate) replace: Option<Duration>,
    /// What to do with the command when somebody removes or replaces the lockfile meanwhile; what
    /// happens in its first second is acted on after that
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, env = "TENURE_LOST")]
    pub(crate) lost: Lost,
    /// Kill the command if it has not ended DUR after TERM
    #[arg(short, long, value_name = "DUR", value_parser = time, env = "TENURE_KILL_AFTER")]
    pub(crate) kill_after: Option<Duration>,
    /// Keep the lockfile when the command has ended, marked as released
    #[arg(long)]
    pub(crate) keep_file: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, num_args = 1.., value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// What to do when the lock is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lost {
    /// Say so, and pass TERM to the command: another may run by now
    #[default]
    Term,
    /// Say so
    Ignore,
}

/// Reads a limit where for ever makes no sense.
fn time(text: &str) -> Result<Duration, String> {
    match limit(text)? {
        Limit::AtMost(time) => Ok(time),
        Limit::Forever => Err("it has to be a time".to_owned()),
    }
}

const RUN_HELP: &str = "\
Exit status: that of the command; 128 and the number of the signal that ended it; 75 (or -E) if the \
lock is held; 79 if it was lost while the command ran, unless that is to be ignored; 126 and 127 if \
the command cannot be executed or found; 64 to 78 as sysexits.h has them if the lockfile or this \
command line is at fault.

TERM, INT, HUP and QUIT are passed on to the command. The lock is held until the command has ended. \
If this process is killed, the command and all of its process group are killed as well, and the lock \
is held until the command has ended; whatever has left that group runs on.

A wait of more than a second tells on standard error whom it is for: at a terminal in a line that \
goes away again, elsewhere in a line for each holder.

Examples:
  tenure run /run/backup.pid -- /usr/local/bin/backup --all
  tenure run --wait=10m --message 'nightly' /run/backup.pid -- backup
  tenure run --on-busy=skip --kill-after=30s /run/sync.pid -- sync-mail
  tenure run --replace=5s /run/dev-server.pid -- ./serve";
