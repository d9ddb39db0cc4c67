//! The command line of `tenure status`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = STATUS_HELP)]
pub(crate) struct Status {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

const STATUS_HELP: &str = "\
Exit status, as of the status action of LSB init scripts: 0 held, 1 stale (the holder is proven dead, \
and the next one recovers the lock), 3 free, 4 unknown (the holder may be alive where this host \
cannot see it, or the file is not a lockfile).

Examples:
  tenure status /run/backup.pid
  tenure status --json /run/backup.pid";
