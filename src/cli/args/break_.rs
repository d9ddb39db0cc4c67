//! The command line of `tenure break`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(after_help = BREAK_HELP)]
pub(crate) struct Break {
    /// The lockfile
    pub(crate) lock: PathBuf,
    /// The nonce that `tenure status` shows, of the holder that you have made sure is dead
    #[arg(short, long)]
    pub(crate) nonce: String,
}

const BREAK_HELP: &str = "\
For a holder that is unproven: one on another host, or in another container, that cannot be seen from \
here. Look there first. If it is alive after all, there will be two.

The nonce says which holder you mean. It is compared while the lock is held, and if another holder has \
come since, nothing is removed. For the lockfile of a program that writes no nonce, `tenure status` \
shows `legacy-` and a digest of what is in it, to be used in its place; such a program takes no lock, \
either, and can come in the very moment of the removal.

A holder that is alive is never removed: stop it, on Unix with `tenure stop`. A lock that is still \
taken, by a child of a dead holder, is freed by the end of that child: fuser(1) finds it.

Exit status: 0 removed; 1 there is nothing to remove; 75 the holder is alive, or another than the \
nonce says; 64 to 78 otherwise, as sysexits.h has them.

Examples:
  tenure status /srv/shared/batch.lock
  tenure break --nonce 0f5b1a9c33e0d472 /srv/shared/batch.lock";
