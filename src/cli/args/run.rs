//! The command line of `tenure run`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::format::FormatName;
use super::limit::{Limit, limit};

#[derive(Debug, clap::Args)]
#[command(after_help = RUN_HELP)]
pub(crate) struct Run {
    /// The lockfile; created, and removed when the command ends
    pub(crate) lock: PathBuf,
    /// Give up at once if the lock is held (the default)
    #[arg(short, long, conflicts_with = "wait")]
    pub(crate) nonblock: bool,
    /// Wait until the lock is free, for at most DUR ("5m", "1h 30m", "0.5"; a bare number is seconds)
    #[arg(short, long, value_name = "DUR", num_args = 0..=1, require_equals = true,
        default_missing_value = "forever", value_parser = limit)]
    pub(crate) wait: Option<Limit>,
    /// The exit status when the lock is held, 0 to 255
    #[arg(short = 'E', long, value_name = "STATUS", default_value_t = 75)]
    pub(crate) conflict_exit_code: u8,
    /// What to write into the lockfile for those who read it; the name of the command if not given
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// How to write the lockfile
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FormatName,
    /// Keep the lockfile when the command has ended, marked as released
    #[arg(long)]
    pub(crate) keep_file: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, num_args = 1.., value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

const RUN_HELP: &str = "\
Exit status: that of the command; 128 and the number of the signal that ended it; 75 (or -E) if the \
lock is held; 126 and 127 if the command cannot be executed or found; 64 to 78 as sysexits.h has \
them if the lockfile or this command line is at fault.

TERM, INT, HUP and QUIT are passed on to the command. The lock is held until the command has ended.

A wait of more than a second tells on standard error whom it is for: at a terminal in a line that \
goes away again, elsewhere in a line for each holder.

Examples:
  tenure run /run/backup.pid -- /usr/local/bin/backup --all
  tenure run --wait=10m --message 'nightly' /run/backup.pid -- backup";
