//! What is a lockfile? A PID in a file is not enough: many a file begins with a number.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::libc;
use tenure::internals::is_beside_lockfile;
use tenure::{Content, READ_LIMIT, Status};

/// The longest file that is read.
const LIMIT: u64 = READ_LIMIT as u64;

/// How names of lockfiles end, in small letters: that of an X server is `.X0-lock`, that of Firefox
/// `.parentlock`, that of Chromium `SingletonLock`.
const ENDS: [&str; 11] = [
    ".pid",
    "-pid",
    "pidfile",
    ".lock",
    "-lock",
    "_lock",
    "lockfile",
    ".lck",
    ".nfslock",
    ".parentlock",
    "singletonlock",
];
/// How they begin: those of UUCP, for serial lines, and those of Emacs and `GnuPG`.
const BEGINNINGS: [&str; 2] = ["lck..", ".#"];
/// Whole names. `wlock` is Mercurial's, and `LOCK` that of `LevelDB`.
const NAMES: [&str; 3] = ["pid", "lock", "wlock"];

/// Whether the state of what `path` names is worth asking for.
///
/// Nobody is disturbed by this: nothing is locked, and nothing opened but small regular files.
///
/// # Errors
///
/// The file cannot be read.
pub(super) fn is_candidate(path: &Path, metadata: &Metadata) -> io::Result<bool> {
    let file_name = path.file_name().unwrap_or_default();
    let name = file_name.to_string_lossy();
    if metadata.is_symlink() {
        // Whether its target is a holder, the library says.
        return Ok(is_named_like_a_lock(&name));
    }
    if !metadata.is_file() || metadata.len() > LIMIT {
        return Ok(false);
    }
    if metadata.len() == 0 {
        // Nothing to read; or, in /proc and its like, more than it seems.
        return Ok(is_named_like_a_lock(&name));
    }
    let content = match read(path) {
        // Somebody has a lease on the file. The library waits for its end.
        Err(err) if err.kind() == io::ErrorKind::WouldBlock => return Ok(true),
        content => content?,
    };
    Ok(match content {
        Content::Record(record) if record.is_legacy() => is_named_like_a_lock(&name),
        // What lies beside a lockfile holds records, too.
        Content::Record(_) | Content::Torn => !is_beside_lockfile(file_name),
        // What is not recognized may be locked: if nobody has a kernel lock on it, it is not listed.
        _ => is_named_like_a_lock(&name),
    })
}

/// Whether what was a candidate is still there.
pub(super) fn is_worth_listing(status: &Status) -> bool {
    status.verdict().is_some()
}

/// `O_NOFOLLOW` and `O_NONBLOCK`, because between looking and opening it may become a link or a
/// FIFO; and of a FIFO, nothing is read.
fn read(path: &Path) -> io::Result<Content> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Err(err) if err.raw_os_error() == Some(libc::ELOOP) => return Ok(Content::Blank),
        file => file?,
    };
    if !file.metadata()?.is_file() {
        return Ok(Content::Invalid(String::new()));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(Content::parse(&bytes))
}

fn is_named_like_a_lock(name: &str) -> bool {
    let name = &*name.to_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lockfiles_are_known_by_their_names() {
        for name in [
            "sshd.pid",
            "pid",
            "apt.lock",
            "LCK..ttyS0",
            ".#notes.txt",
            "SingletonLock",
            "LOCK",
            ".X0-lock",
            ".parentlock",
            "mail.NFSLock",
            "wlock",
            "svc.Lock",
            "agent.pidfile",
        ] {
            assert!(is_named_like_a_lock(name), "{name}");
        }
        for name in ["pid.c", "clock", "version", "block", "Cargo.lock.bak", "rapid", "profile", ""]
        {
            assert!(!is_named_like_a_lock(name), "{name}");
        }
    }
}
