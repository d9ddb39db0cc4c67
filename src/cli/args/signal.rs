//! The command line of `tenure signal`.

use std::path::PathBuf;

use super::signal_name::SignalNumber;

#[derive(Debug, clap::Args)]
#[command(after_help = SIGNAL_HELP)]
pub(crate) struct Signal {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// The signal, by name ("HUP", "SIGHUP") or number; 0 sends nothing, and tells whether it could be
    #[arg(value_name = "SIG")]
    pub(crate) signal: SignalNumber,
}

const SIGNAL_HELP: &str = "\
The signal goes to the process that holds the lock, and cannot go to another: not to a later process \
of its PID, not to whatever else a hostile lockfile names. It is refused if that is not proven: a \
lockfile that others than its owner may write to, or whose owner is neither root nor the user of \
that process; a holder on another host or in another container; a file that holds a bare PID, unless \
that process has a lock on the file; a symbolic link.

Exit status: 0 sent; 1 nobody holds the lock; 77 refused, or this user may not signal the holder; 64 \
to 78 otherwise, as sysexits.h has them.

Examples:
  tenure signal /run/backup.pid HUP
  tenure signal /run/backup.pid 0";
