//! Cleaners of temporary files, which a lockfile that is held for long looks old to.

use std::path::Path;

use crate::doctor::finding::Finding;
use crate::doctor::subject::Subject;
use crate::doctor::tmpfiles;

const ABOUT: &str = "ageing";

/// Those that go by age alone, and where their packages have them run over `/tmp` (and, the second,
/// over `/var/tmp`).
const HEEDLESS: [(&str, &str); 4] = [
    ("tmpreaper", "/usr/sbin/tmpreaper"),
    ("tmpreaper", "/etc/cron.daily/tmpreaper"),
    ("tmpwatch", "/usr/sbin/tmpwatch"),
    ("tmpwatch", "/etc/cron.daily/tmpwatch"),
];

pub(super) fn examine(subject: &Subject) -> Vec<Finding> {
    let path = subject.any_lock();
    let rules = tmpfiles::rules(&tmpfiles::PLACES);
    let mut findings = Vec::new();
    if let Some((rule, age)) = tmpfiles::removal(&rules, &path) {
        let text = format!(
            "systemd-tmpfiles removes what is older than {age} ({}), but leaves alone what is locked \
             with flock(2) (tmpfiles.d(5)): lockfiles that are held by the default backend stay, and \
             no others",
            rule.source
        );
        let remedy = format!("for Hardlink and semaphores, except it: `x {}`", path.display());
        findings.push(Finding::note(ABOUT, text).remedy(remedy));
    }
    let temporary = ["/tmp", "/var/tmp"].iter().any(|dir| path.starts_with(dir));
    let heedless = HEEDLESS.iter().find(|(_, file)| temporary && Path::new(file).exists());
    if let Some((name, file)) = heedless {
        let text = format!("{name} is here ({file}), and removes by age what is locked, too");
        findings.push(Finding::warn(ABOUT, text).remedy("choose a directory in /run"));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(ABOUT, "nothing that is known here removes old files from it"));
    }
    findings
}
