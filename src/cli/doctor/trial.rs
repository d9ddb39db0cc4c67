//! Trying it: do the locks of this file system exclude another process?

use std::env;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

use nix::libc::{LOCK_EX, LOCK_NB, LOCK_UN};

use crate::doctor::finding::Finding;
use crate::doctor::room;
use crate::doctor::scratch::{Leftover, Scratch};
use crate::doctor::subject::Subject;
use crate::sys;

const FLOCK: &str = "flock";
const LINK: &str = "link";

/// Where locks do not exclude.
const REMEDY: &str = "choose a local directory, or the backend Hardlink";

/// What `tenure run` is to exit with where the lock is held: nothing else does.
const BUSY: u8 = 75;

pub(super) fn examine(subject: &Subject) -> Vec<Finding> {
    let scratch = match Scratch::make(&subject.dir) {
        Ok(scratch) => scratch,
        Err(err) => return vec![room::is_none(&subject.dir, &err)],
    };
    let mut findings = try_all(&scratch);
    findings.extend(scratch.remove().iter().map(stays));
    findings
}

fn try_all(scratch: &Scratch) -> Vec<Finding> {
    // Without it, no holder could say who it is, and there is nothing to try.
    if let Some(finding) = room::lacks(scratch) {
        return vec![finding];
    }
    let link = try_link(scratch);
    vec![try_flock(scratch), link]
}

/// A file can be made here and not be removed, whatever keeps it.
fn stays(leftover: &Leftover) -> Finding {
    let Leftover { path, why } = leftover;
    let path = path.display();
    let text = format!(
        "{path} was made for the trial, and stays: it cannot be removed: {why}; lockfiles would stay as \
         well"
    );
    let remedy = format!("see what forbids it, and remove it: rm {path}");
    Finding::bad("unlink", text).remedy(remedy)
}

/// link(2), which [`Hardlink`](tenure::Hardlink) needs: it gives a name to one contender, and to no
/// other. (How many names the file has is not asked: FUSE may remember what it was told before.)
fn try_link(scratch: &Scratch) -> Finding {
    const REMEDY: &str = "do not use Hardlink here; the default does not need links";
    let link = || fs::hard_link(&scratch.path, &scratch.other_name);
    match (link(), link()) {
        (Ok(()), Err(err)) if err.kind() == ErrorKind::AlreadyExists => {
            Finding::ok(LINK, "link(2) works: Hardlink can be used")
        }
        (Ok(()), _) => Finding::note(LINK, "link(2) gives the same name twice").remedy(REMEDY),
        (Err(err), _) => {
            Finding::note(LINK, format!("there are no links here: {err}")).remedy(REMEDY)
        }
    }
}

/// While this process has the lock on the file, in which nothing is written, another process tries
/// to hold it as a lockfile: what keeps that out is the lock alone.
fn try_flock(scratch: &Scratch) -> Finding {
    // Of a file that names nobody, and that this process has open, others stay away.
    if let Err(err) = (&scratch.file).write_all(b"\n") {
        return room::is_none(scratch.path.parent().unwrap_or(&scratch.path), &err);
    }
    let flock = |operation| sys::flock(scratch.file.as_raw_fd(), operation);
    if let Err(err) = flock(LOCK_EX | LOCK_NB) {
        return Finding::bad(FLOCK, format!("flock(2) does not work here: {err}")).remedy(REMEDY);
    }
    let while_held = hold(scratch);
    if let Err(err) = flock(LOCK_UN) {
        let text = format!("flock(2) cannot let go of a lock here: {err}");
        return Finding::bad(FLOCK, text).remedy(REMEDY);
    }
    let after = hold(scratch);
    match (while_held, after) {
        (Ok(while_held), Ok(after)) => judge(while_held, after),
        (Err(err), _) | (_, Err(err)) => {
            Finding::note(FLOCK, format!("could not be tried: no second process: {err}"))
                .remedy("see whether more processes may be started")
        }
    }
}

/// What it means that another process exited so that tried to hold while this one did, and after.
fn judge(while_held: Option<u8>, after: Option<u8>) -> Finding {
    match (while_held, after) {
        (Some(BUSY), Some(0)) => {
            Finding::ok(FLOCK, "flock(2) excludes: tried with two processes on this mount")
        }
        (Some(0), _) => {
            Finding::bad(FLOCK, "flock(2) does not exclude: two processes had the lock at once")
                .remedy(REMEDY)
        }
        (Some(BUSY), Some(BUSY)) => {
            Finding::bad(FLOCK, "a lock stays after it was let go of, or somebody else has it")
                .remedy(REMEDY)
        }
        (while_held, after) => {
            let [first, second] = [while_held, after]
                .map(|status| status.map_or("a signal".to_owned(), |status| status.to_string()));
            let text = format!("a second process could not tell: it ended by {first} and {second}");
            Finding::warn(FLOCK, text).remedy("see what `tenure run` says in this directory")
        }
    }
}

/// Holds the lock in another process for a moment; its exit status.
fn hold(scratch: &Scratch) -> io::Result<Option<u8>> {
    let program = env::current_exe()?;
    let status = Command::new(&program)
        .args(["run", "--nonblock", "--conflict-exit-code", &BUSY.to_string()])
        .arg(&scratch.path)
        .arg("--")
        .arg(&program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn locks_exclude_if_another_is_refused_and_then_admitted() {
        assert_eq!(judge(Some(BUSY), Some(0)).level(), Level::Ok);
        assert_eq!(judge(Some(0), Some(0)).level(), Level::Bad);
        assert_eq!(judge(Some(BUSY), Some(BUSY)).level(), Level::Bad);
        assert_eq!(judge(Some(77), Some(0)).level(), Level::Warn);
        assert_eq!(judge(Some(BUSY), None).level(), Level::Warn);
    }
}
