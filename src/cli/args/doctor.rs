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
    /// Remove the System V semaphore sets that dead holders have left, of whatever lockfile
    #[arg(long)]
    pub(crate) sweep: bool,
}

const DOCTOR_HELP: &str = "\
Looks at the lockfile, its directory and those above, the file system, what cleans up there, and what \
this machine lets one know of processes; and tries, with two processes and a scratch file in the \
directory, whether locks exclude. Both processes use this mount: whom its locks exclude beyond it, on \
FUSE and on network file systems, the finding on the disk says from the kind and the options of the \
mount.

The scratch file is removed again, also when this is interrupted (but not when it is killed: \
`.tenure-doctor-PID.lock`). If it cannot be removed, a finding names it. Nothing is tried where its \
removal is known to fail (chattr +a, +i), nor where files are the kernel's own, as in /proc. Nothing \
else is changed, but for --sweep: that removes the sets of the backend Semaphore that nobody holds and nobody waits for, of all \
lockfiles in this IPC namespace. Each is locked before, so that nobody can hold it then; a set without \
the signature of tenure may be another program's, and stays. Its lockfile, if it is there, is not \
touched.

Each finding is `ok`, a `note` to know, a `warn`ing of what can go wrong, or `bad`: what will. Below \
it stands what to do.

Exit status: 0 if there are only `ok` and `note`; 1 if there is a `warn`; 2 if something is `bad`; 4 \
if the findings cannot be written; 64 if this command line is wrong.

Examples:
  tenure doctor /run/backup.pid
  tenure doctor --sweep /run
  tenure doctor --json /srv/shared | jq '.findings[] | select(.level == \"bad\")'";
