//! The command line on Windows.

#[path = "../../args/acquisition.rs"]
mod acquisition;
#[path = "../../args/break_.rs"]
mod break_;
#[path = "../../args/environment.rs"]
mod environment;
#[path = "../../args/format.rs"]
mod format;
#[path = "../../args/limit.rs"]
#[allow(dead_code, reason = "the verbs of Unix have more limits")]
mod limit;
#[path = "../../args/status.rs"]
mod status;
#[path = "../../args/unlock.rs"]
mod unlock;
#[path = "../../args/wait.rs"]
mod wait;
#[path = "../../args/wait_value.rs"]
mod wait_value;
#[path = "../../args/watch.rs"]
mod watch;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub(crate) use self::acquisition::Acquisition;
pub(crate) use self::break_::Break;
pub(crate) use self::limit::Limit;
pub(crate) use self::status::Status;
pub(crate) use self::unlock::Unlock;
pub(crate) use self::wait::Wait;
pub(crate) use self::wait_value::parse;
pub(crate) use self::watch::Watch;
pub(crate) use crate::stopping::{GRACE, Schedule};

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
    /// Tell what becomes of lockfiles, a line for each change
    Watch(Watch),
    /// Wait until a lockfile is free or stale, without acquiring it
    Wait(Wait),
    /// Remove a lockfile whose holder is proven dead
    Unlock(Unlock),
    /// Remove the lockfile of an unproven holder that you know is dead
    Break(Break),
}

#[derive(Debug, clap::Args)]
#[command(after_help = RUN_HELP)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) acquisition: Acquisition,
    /// Keep the lockfile when the command has ended, marked as released
    #[arg(long)]
    pub(crate) keep_file: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, num_args = 1.., value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

const RUN_HELP: &str = "\
Exit status: that of the command; 75 (or -E) if the lock is held; 126 and 127 if the command cannot \
be executed or found; 64 to 78 as sysexits.h has them if the lockfile or this command line is at \
fault.

Ctrl+C is left to the command. The lock is held until the command has ended. If this process is \
ended by force, the command and all that it has started are ended as well; the lock can be free for \
a moment before they are.";
