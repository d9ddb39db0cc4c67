//! The command line of `tenure unlock`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = UNLOCK_HELP)]
pub(crate) struct Unlock {
    /// The lockfile
    pub(crate) lock: PathBuf,
}

const UNLOCK_HELP: &str = "\
Removes the lockfile if it is stale, and says whose it was. That is never needed, because the next \
holder recovers a stale lockfile by itself; it tidies up.

A lock that is held is never taken away, not even from a command that calls this while it holds the \
lock: it ends with its holder. End that one with `tenure stop`. A holder that may be alive elsewhere \
is for `tenure break`.

Exit status: 0 nothing stale is there now; 75 somebody holds the lock, or may; 64 to 78 otherwise, as \
sysexits.h has them.

Examples:
  tenure unlock /run/backup.pid";
