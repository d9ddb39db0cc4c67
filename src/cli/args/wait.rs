//! The command line of `tenure wait`.

use std::path::PathBuf;

use super::limit::{Limit, limit};

#[derive(Debug, clap::Args)]
#[command(after_help = WAIT_HELP)]
pub(crate) struct Wait {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// Wait until somebody holds it who says that he is ready, also if nobody holds it yet
    #[arg(long)]
    pub(crate) ready: bool,
    /// Wait for at most DUR ("5m", "1h 30m", "0.5"; a bare number is seconds; 0 looks once)
    #[arg(short = 'w', long = "wait", value_name = "DUR", default_value = "forever", value_parser = limit)]
    pub(crate) limit: Limit,
    /// The exit status when the time is over, 0 to 255
    #[arg(short = 'E', long, value_name = "STATUS", default_value_t = 75)]
    pub(crate) conflict_exit_code: u8,
}

const WAIT_HELP: &str = "\
Nothing is acquired and nothing is written: when this returns, somebody else may hold the lock again. \
To do something while nobody else does, use `tenure run --wait`.

A wait of more than a second tells on standard error whom it is for: at a terminal in a line that \
goes away again, elsewhere in a line for each holder.

With --ready, it is the other way round: a lock that is free or stale is waited for until its holder \
comes and, with set_phase of the library, says that it is ready.

Exit status: 0 the lock is free or stale, or its holder ready; 75 (or -E) the time is over; 64 to 78 otherwise, as \
sysexits.h has them.

Examples:
  tenure wait /run/backup.pid && poweroff
  tenure wait --wait=10m /run/backup.pid
  tenure wait --ready -w 30s /run/backupd.pid && backup --all";
