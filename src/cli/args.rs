//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use tenure::Format;

/// PID lockfiles that recover themselves.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run a command while holding a lockfile
    Run(Run),
    /// Tell who holds a lockfile, since when, and whether that is alive
    Status(Status),
}

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

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Forever,
    AtMost(Duration),
}

/// Reads "forever", seconds with or without a fraction, or a duration with units.
fn limit(text: &str) -> Result<Limit, String> {
    if text == "forever" {
        return Ok(Limit::Forever);
    }
    let seconds = text.parse::<f64>().ok().map(Duration::try_from_secs_f64);
    match seconds {
        Some(Ok(limit)) => Ok(Limit::AtMost(limit)),
        Some(Err(err)) => Err(err.to_string()),
        None => humantime::parse_duration(text).map(Limit::AtMost).map_err(|err| err.to_string()),
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum FormatName {
    /// One line of JSON: all that is known of the holder
    #[default]
    Json,
    /// The PID on the first line, the JSON on the second
    PidLine,
    /// The PID and a newline; no identity is kept
    Pid,
    /// The PID without a newline; no identity is kept
    PidBare,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Json => Self::Json,
            FormatName::PidLine => Self::PidLine,
            FormatName::Pid => Self::Pid,
            FormatName::PidBare => Self::PidBare,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_limit_is_seconds_or_has_units() {
        let at_most = |millis| Ok(Limit::AtMost(Duration::from_millis(millis)));
        assert_eq!(limit("5"), at_most(5000));
        assert_eq!(limit("0.5"), at_most(500));
        assert_eq!(limit("1m 30s"), at_most(90_000));
        assert_eq!(limit("forever"), Ok(Limit::Forever));
        for wrong in ["", "-1", "5 parsecs", "NaN", "1e300"] {
            assert!(limit(wrong).is_err(), "{wrong:?}");
        }
    }
}
