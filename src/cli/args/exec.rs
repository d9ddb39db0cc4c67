//! The command line of `tenure exec`.

use std::ffi::OsString;

use super::acquisition::Acquisition;

#[derive(Debug, clap::Args)]
#[command(after_help = EXEC_HELP)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) acquisition: Acquisition,
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
