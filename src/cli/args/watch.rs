//! The command line of `tenure watch`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = WATCH_HELP)]
pub(crate) struct Watch {
    /// The lockfiles, which need not be there
    #[arg(value_name = "LOCK", required = true)]
    pub(crate) locks: Vec<PathBuf>,
    /// Print one JSON object on a line for each change: what `status --json` prints, and the time
    #[arg(long)]
    pub(crate) json: bool,
}

const WATCH_HELP: &str = "\
Begins with the present state of each, and goes on until it is interrupted. Nobody becomes busy by \
being watched.

The system tells what happens, and there are no looks without a reason. Only where it cannot tell \
there is one in a second: on network and FUSE file systems, and for a holder that has written no \
record of tenure. What is over within a millisecond is not seen.

Exit status: 128 and the number of the signal that ended it, so 130 after Ctrl-C; 0 if standard \
output was closed at its other end; 4 if it cannot be written to.

Examples:
  tenure watch /run/backup.pid /run/index.pid
  tenure watch --json /run/backup.pid | jq --unbuffered -r 'select(.state == \"stale\").at'";
