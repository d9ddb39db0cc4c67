//! The command line of `tenure unlock`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = UNLOCK_HELP)]
pub(crate) struct Unlock {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// Remove a file, too, that is empty or cut short and that nobody has a kernel lock on
    #[arg(long)]
    pub(crate) empty: bool,
}

const UNLOCK_HELP: &str = "\
Removes the lockfile if it is stale, and says whose it was. That is never needed, because the next \
holder recovers a stale lockfile by itself; it tidies up.

On Unix, called by a command that holds the lock by `tenure exec`, or by one of its children, it \
releases that lock, for all of them: they have the descriptor in common. No other lock that is held \
is ever taken away, not even that of `tenure run`, which ends with the command. End its holder, on \
Unix with `tenure stop`. A holder that may be alive elsewhere is for `tenure break`.

An empty file names nobody, and some programs (git, pacman) lock by such a file alone. It is removed \
only with --empty.

Exit status: 0 nothing stale, and nothing of ours, is there now; 75 somebody holds the lock, or may; 64 to 78 otherwise, as \
sysexits.h has them.

Examples:
  tenure unlock /run/backup.pid";
