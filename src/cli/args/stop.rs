//! The command line of `tenure stop`.

use std::path::PathBuf;
use std::time::Duration;

use super::limit::{Limit, limit};
use super::schedule::Schedule;

#[derive(Debug, clap::Args)]
#[command(after_help = STOP_HELP)]
pub(crate) struct Stop {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// How long the holder has to end by itself after TERM, before it is killed
    #[arg(short, long, value_name = "DUR", default_value = "10s", value_parser = grace,
        conflicts_with = "retry")]
    pub(crate) grace: Duration,
    /// Signals and the time to wait after each, as start-stop-daemon(8) has them: "TERM/30/KILL/5",
    /// "30" (for TERM/30/KILL/30), "TERM/30/forever/KILL/5" (repeat what follows)
    #[arg(short, long, value_name = "SCHEDULE", allow_hyphen_values = true)]
    pub(crate) retry: Option<Schedule>,
}

fn grace(text: &str) -> Result<Duration, String> {
    match limit(text)? {
        Limit::AtMost(grace) => Ok(grace),
        Limit::Forever => Err("to wait for ever, use --retry TERM/forever/1h".to_owned()),
    }
}

const STOP_HELP: &str = "\
Stops the process that holds the lock: asks it with TERM, waits until it has ended, and kills it if \
it has not within the grace. Nobody else is signalled: see `tenure signal --help` for what is refused.

What the holder leaves behind when it is killed is stale: the next one recovers it.

Exit status, as of start-stop-daemon(8): 0 it has ended; 1 nobody holds the lock; 2 it has not ended \
at the end of the schedule; 77 refused, or this user may not signal the holder; 64 to 78 otherwise, \
as sysexits.h has them.

Examples:
  tenure stop /run/backup.pid
  tenure stop --grace 1m /run/backup.pid
  tenure stop --retry INT/5/TERM/30/KILL/5 /run/backup.pid";
