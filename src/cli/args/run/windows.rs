//! That of Windows: without what needs signals.

use std::ffi::OsString;

use crate::args::acquisition::Acquisition;

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
