//! The command line of `tenure list`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = LIST_HELP)]
pub(crate) struct List {
    /// Where to look; the places where lockfiles usually lie if not given
    #[arg(value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// Look in the directories below as well, on the same file system
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Only those whose holder is proven dead
    #[arg(long)]
    pub(crate) stale: bool,
    /// Print one JSON object on a line for each, as `status --json` does
    #[arg(long)]
    pub(crate) json: bool,
}

const LIST_HELP: &str = "\
The usual places are $XDG_RUNTIME_DIR, /run with the directories in it, /run/lock, /var/lock and \
the directory of this user's named locks.

Listed is every file with a record of tenure, whatever its name; every PID file of another program \
and every symbolic link that is a lock, if it is named like one (\"pid\", \"*.pid\", \"*.lock\", \
\"LCK..*\" and so on); and a file so named without a record, while somebody has the lock on it. \
Links are not followed, and nothing but small regular files is opened.

On a terminal the table is cut to its width. Elsewhere it is complete: path, state, holder, age and \
message, with tabs between, and \"-\" for what is not known.

Exit status: 0 if all could be read, also if there is nothing; 4 if something could not, which is \
told on standard error and hides nothing else; 64 if this command line is wrong.

Examples:
  tenure list
  tenure list --stale --recursive /srv
  tenure list --json | jq -r 'select(.state == \"held\").path'";
