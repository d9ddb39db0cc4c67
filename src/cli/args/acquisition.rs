//! What the command lines of those have in common who want the lock for a command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::format::FormatName;
use super::limit::{Limit, limit};

#[derive(Debug, clap::Args)]
pub(crate) struct Acquisition {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// Give up at once if the lock is held (the default)
    #[arg(short, long, conflicts_with = "wait")]
    pub(crate) nonblock: bool,
    /// Wait until the lock is free, for at most DUR ("5m", "1h 30m", "0.5"; a bare number is seconds);
    /// a time is taken for DUR also where it is the next word
    #[arg(short, long, value_name = "DUR", num_args = 0..=1, require_equals = true,
        default_missing_value = "forever", value_parser = limit, env = "TENURE_WAIT")]
    wait: Option<Limit>,
    /// What to do if the lock is held, or still is when the wait is over
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, env = "TENURE_ON_BUSY")]
    on_busy: OnBusy,
    /// The exit status when the lock is held, 0 to 255
    #[arg(
        short = 'E',
        long,
        value_name = "STATUS",
        default_value_t = 75,
        env = "TENURE_CONFLICT_EXIT_CODE"
    )]
    pub(crate) conflict_exit_code: u8,
    /// What to write into the lockfile for those who read it; the name of the command if not given
    #[arg(short, long, value_name = "TEXT", env = "TENURE_MESSAGE",
        value_parser = OsStringValueParser::new().try_map(text))]
    pub(crate) message: Option<String>,
    /// How to write the lockfile
    #[arg(long, value_enum, default_value_t, env = "TENURE_FORMAT")]
    pub(crate) format: FormatName,
}

/// (To clap itself, it is not worth telling which argument is no text.)
fn text(value: OsString) -> Result<String, &'static str> {
    value.into_string().map_err(|_| "it is not UTF-8")
}

impl Acquisition {
    /// For how long to wait; `None`: not at all.
    pub(crate) fn wait(&self) -> Option<Limit> {
        let wait = self.wait.or_else(|| (self.on_busy == OnBusy::Wait).then_some(Limit::Forever));
        wait.filter(|_| !self.nonblock)
    }

    /// Whether a lock that is held is no matter.
    pub(crate) fn skips(&self) -> bool {
        self.on_busy == OnBusy::Skip
    }
}

/// What to do if the lock is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum OnBusy {
    /// Say who holds it, and exit with 75 or what -E says
    #[default]
    Fail,
    /// Exit with 0, and say nothing: for cron
    Skip,
    /// Wait until it is free, as --wait does
    Wait,
}
