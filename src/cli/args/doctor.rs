//! The command line of `tenure doctor`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = DOCTOR_HELP)]
pub(crate) struct Doctor {
    /// A lockfile, which need not be there, or a directory for lockfiles
    pub(crate) path: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

const DOCTOR_HELP: &str = "\
Looks at the lockfile, its directory and those above, the file system, what cleans up there, and what \
this machine lets one know of processes; and tries, with two processes and a scratch file in the \
directory, whether locks exclude. The scratch file is removed again, also when this is interrupted \
(but not when it is killed: `.tenure-doctor-PID.lock`). Nothing else is changed.

Each finding is `ok`, a `note` to know, a `warn`ing of what can go wrong, or `bad`: what will. Below \
it stands what to do.

Exit status: 0 if there are only `ok` and `note`; 1 if there is a `warn`; 2 if something is `bad`; 4 \
if the findings cannot be written; 64 if this command line is wrong.

Examples:
  tenure doctor /run/backup.pid
  tenure doctor --json /srv/shared | jq '.findings[] | select(.level == \"bad\")'";
