//! The command line of `tenure exec`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::format::FormatName;
use super::limit::{Limit, limit};

#[derive(Debug, clap::Args)]
#[command(after_help = EXEC_HELP)]
pub(crate) struct Exec {
    /// The lockfile; it stays when the command has ended, and is stale then
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
    /// The command and its arguments
    #[arg(last = true, required = true, num_args = 1.., value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

const EXEC_HELP: &str = "\
Becomes the command, by execve(2): no wrapper is left between it and whoever started it, and the PID in \
the lockfile is its own. For services that a supervisor watches, and signals.

The lock is in a descriptor that the command inherits, and is freed when it ends, by whatever end. \
Nobody is left to remove the lockfile: it is stale then, and the next holder recovers it. Children that \
the command leaves behind have the descriptor, too, and the lock with it, until they end. To have \
neither, use `tenure run`.

Exit status: that of the command, which this process has become; 75 (or -E) if the lock is held; 126 and \
127 if the command cannot be executed or found, and then the lock is released; 64 to 78 as sysexits.h has \
them if the lockfile or this command line is at fault.

Examples:
  tenure exec /run/backupd.pid -- backupd --foreground
  tenure exec --wait=1m --format pid-line /run/web.pid -- httpd -DFOREGROUND";
