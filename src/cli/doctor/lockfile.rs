//! The lockfile itself: what it is, who holds it, and who could meddle with it.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tenure::{Error, Holder, Lockfile, State, Verdict};

use crate::doctor::directory::user;
use crate::doctor::finding::{Finding, Level};
use crate::doctor::subject::Subject;
use crate::sentence::sentence;

const ABOUT: &str = "lockfile";

pub(super) fn examine(subject: &Subject) -> Vec<Finding> {
    let Some(path) = &subject.lock else { return Vec::new() };
    match fs::symlink_metadata(path) {
        Err(err) if err.kind() == ErrorKind::NotFound => {
            vec![Finding::ok(ABOUT, format!("{} is free: there is none", path.display()))]
        }
        Err(err) => vec![
            Finding::bad(ABOUT, format!("{} cannot be looked at: {err}", path.display()))
                .remedy("see to it that its user may search its directory"),
        ],
        Ok(found) => {
            let mut findings = vec![state(path)];
            // What is no lockfile may have any mode.
            if found.is_file() && findings[0].level() < Level::Bad {
                findings.extend(meddlers(&found));
            }
            findings
        }
    }
}

fn state(path: &Path) -> Finding {
    let status = match Lockfile::new(path).status() {
        Ok(status) => status,
        // That may be a claim beside it.
        Err(Error::InvalidPid { path, reason }) => {
            return Finding::bad(ABOUT, format!("{} is not a lockfile: {reason}", path.display()))
                .remedy("choose another path");
        }
        Err(Error::NotALockfile { path, kind }) => {
            return Finding::bad(
                ABOUT,
                format!("{} is {kind}, not a regular file", path.display()),
            )
            .remedy("choose another path: it is neither followed nor opened");
        }
        Err(err) => {
            return Finding::warn(ABOUT, sentence(&err))
                .remedy("ask again as its user, or as root");
        }
    };
    let text = format!("{} is {status}", path.display());
    if let Some(claimant) = status.claimant() {
        return claimed(&text, claimant);
    }
    match status.state() {
        State::Held | State::Free => Finding::ok(ABOUT, text),
        State::Stale => {
            Finding::note(ABOUT, text).remedy("nothing to do: the next contender recovers it")
        }
        State::Empty => Finding::note(ABOUT, text).remedy(
            "find out which program made it; the next contender for the lock takes it over, and \
             `tenure unlock --empty` removes it",
        ),
        _ => Finding::warn(ABOUT, text)
            .remedy("look whether it is alive where it ran, and if it is not, remove the lockfile with `tenure break`"),
    }
}

/// Another has claimed the lockfile, to remove it.
fn claimed(text: &str, claimant: &Holder) -> Finding {
    let verdict = claimant.verdict();
    if !matches!(verdict, Verdict::Unproven(_)) {
        return Finding::note(ABOUT, text).remedy("nothing to do: that takes a moment");
    }
    let nonce = claimant.record().incarnation();
    Finding::warn(ABOUT, format!("{text}; {verdict}")).remedy(format!(
        "look whether that process is alive where it ran, and break its claim if it is not: tenure \
         break --nonce {}",
        nonce.escape_debug()
    ))
}

fn meddlers(found: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mode = found.mode() & 0o7777;
    if mode & 0o022 != 0 {
        let text = format!("others may write to it (mode {mode:04o}), a record of their own, too");
        findings.push(Finding::warn(ABOUT, text).remedy("chmod go-w"));
    } else if mode & 0o044 != 0 {
        let text = format!(
            "others may read it (mode {mode:04o}), and so lock it with flock(2), which keeps its \
             user out"
        );
        findings.push(
            Finding::note(ABOUT, text).remedy(
                "if they are not trusted, chmod go-r, and umask 077 for who makes the next",
            ),
        );
    }
    if found.nlink() > 1 {
        let text = format!("it has {} names, and the lock is the same under all", found.nlink());
        findings.push(Finding::warn(ABOUT, text).remedy("remove the others"));
    }
    let own = nix::unistd::geteuid();
    if found.uid() != own.as_raw() {
        let level = if found.uid() == 0 || own.is_root() { Level::Ok } else { Level::Note };
        let text = format!("it is a file of user {}", user(found.uid()));
        findings.push(Finding::new(level, ABOUT, text));
    }
    findings
}
