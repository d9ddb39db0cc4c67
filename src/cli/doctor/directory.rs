//! The directory and those above it: who could remove the lockfile while it is held, or make it
//! first.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::{AccessFlags, Uid, User, access, geteuid};

use crate::doctor::finding::Finding;
use crate::doctor::subject::Subject;

const ABOUT: &str = "directory";
const STICKY: u32 = 0o1000;
const ELSEWHERE: &str = "a directory that only its user may write to, as $XDG_RUNTIME_DIR, or one \
                         of the service's own in /run (RuntimeDirectory= of systemd.exec(5))";

pub(super) fn examine(subject: &Subject) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (level, dir) in subject.dir.ancestors().enumerate() {
        match fs::metadata(dir) {
            Ok(found) => findings.extend(trust(dir, &found, level == 0)),
            Err(err) => {
                let text = format!("{} cannot be looked at: {err}", dir.display());
                findings.push(Finding::note(ABOUT, text));
            }
        }
    }
    if findings.is_empty() {
        let text = format!("only its user may change {}, and what is above", subject.dir.display());
        findings.push(Finding::ok(ABOUT, text));
    }
    if let Some(link) = &subject.link {
        let text = format!("a link leads from {} to it", link.display());
        let remedy = format!(
            "name {} everywhere: a link can be changed, and need not be the same in a container",
            subject.dir.display()
        );
        findings.push(Finding::note(ABOUT, text).remedy(remedy));
    }
    // That a file system is read-only is found out when it is tried, and EPERM is said of what is
    // immutable.
    let access = access(&subject.dir, AccessFlags::W_OK | AccessFlags::X_OK);
    if access.is_err_and(|err| !matches!(err, Errno::EROFS | Errno::EPERM)) {
        let text = format!("user {} cannot make lockfiles in it", user(geteuid().as_raw()));
        findings.push(Finding::note(ABOUT, text).remedy("ask again as the user who is to lock"));
    }
    findings
}

/// Who else may change what `dir` holds. `innermost`: it is the directory of the lockfile itself.
fn trust(dir: &Path, found: &Metadata, innermost: bool) -> Vec<Finding> {
    let (mode, shown) = (found.mode() & 0o7777, dir.display());
    let sticky = mode & STICKY != 0;
    let mut findings = Vec::new();
    if found.uid() != 0 && found.uid() != geteuid().as_raw() {
        let who = user(found.uid());
        let text = format!("{shown} is of user {who}, who can remove what is in it at any time");
        findings.push(Finding::warn(ABOUT, text).remedy(ELSEWHERE));
    }
    if mode & 0o002 != 0 && !sticky {
        let text = format!(
            "everybody may write to {shown} (mode {mode:04o}, not sticky): also remove the lockfile \
             while it is held, and then there are two holders"
        );
        findings.push(Finding::bad(ABOUT, text).remedy(format!("chmod +t, or {ELSEWHERE}")));
    } else if mode & 0o002 != 0 && innermost {
        let text = format!(
            "everybody may write to {shown} (mode {mode:04o}, sticky): nobody else can remove the \
             lockfile, but anybody can make it first, and keep its user out"
        );
        findings.push(Finding::warn(ABOUT, text).remedy(ELSEWHERE));
    } else if mode & 0o020 != 0 && !sticky && found.gid() != 0 {
        let text = format!(
            "group {} may write to {shown} (mode {mode:04o}): also remove the lockfile while it is \
             held",
            found.gid()
        );
        findings.push(Finding::warn(ABOUT, text).remedy("chmod g-w, or +t"));
    }
    findings
}

/// The name of a user, or the number where there is no name.
pub(super) fn user(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}
