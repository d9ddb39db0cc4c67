//! What chattr(1) has made of the directory: which names can be added to it, and which removed.

use crate::doctor::finding::Finding;
use crate::doctor::subject::Subject;
use crate::sys::{self, Attributes};

const ABOUT: &str = "directory";

/// What keeps names from being added or removed; nothing is tried then, because the trial would leave
/// its file.
pub(super) fn examine(subject: &Subject) -> Vec<Finding> {
    let there = subject.lock.as_ref().is_some_and(|lock| lock.symlink_metadata().is_ok());
    judge(sys::attributes(&subject.dir), subject, there)
}

/// `there`: the lockfile exists.
fn judge(attributes: Attributes, subject: &Subject, there: bool) -> Vec<Finding> {
    const NO_HARDLINK: &str = "Hardlink cannot be used here: it adds and removes names";
    let dir = subject.dir.display();
    if attributes.immutable && !there {
        let text = format!("{dir} is immutable (chattr +i): no lockfile can be made in it");
        let remedy = format!("chattr -i {dir}, or choose another directory");
        return vec![Finding::bad(ABOUT, text).remedy(remedy)];
    }
    let (what, letter, untried) = match attributes {
        Attributes { immutable: true, .. } => ("immutable", 'i', "no scratch file can be made"),
        Attributes { append_only: true, .. } => ("append-only", 'a', "the scratch file would stay"),
        Attributes { .. } => return Vec::new(),
    };
    let text = format!(
        "{dir} is {what} (chattr +{letter}): no lockfile in it can be removed; a release keeps the \
         lockfile and marks it as released"
    );
    let remedy = format!("nothing to do for the default backend; else chattr -{letter} {dir}");
    let untried = format!("not tried: {untried}");
    let remedy_untried = format!("chattr -{letter} {dir}, and ask again");
    vec![
        Finding::note(ABOUT, text).remedy(remedy),
        Finding::note("flock", untried).remedy(remedy_untried),
        Finding::note("link", NO_HARDLINK).remedy("use the default backend"),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn said(append_only: bool, immutable: bool, there: bool) -> Vec<String> {
        let subject = Subject { dir: PathBuf::from("/here"), link: None, lock: None };
        let findings = judge(Attributes { append_only, immutable }, &subject, there);
        findings.iter().map(Finding::plain).collect()
    }

    #[test]
    fn where_names_cannot_be_removed_the_lockfile_is_kept() {
        for (append_only, immutable, there) in
            [(true, false, false), (true, false, true), (false, true, true)]
        {
            let said = said(append_only, immutable, there).concat();
            assert!(said.starts_with("note directory  /here is "), "{said}");
            assert!(said.contains("a release keeps the lockfile"), "{said}");
            assert!(
                said.contains("note flock      not tried") && said.contains("note link "),
                "{said}"
            );
        }
    }

    #[test]
    fn where_no_name_can_be_added_there_is_no_lockfile() {
        let said = said(false, true, false).concat();
        assert!(said.starts_with("bad  directory  /here is immutable"), "{said}");
        assert!(said.contains("-> chattr -i /here"), "{said}");
    }

    #[test]
    fn where_nothing_was_set_nothing_is_said() {
        assert!(said(false, false, false).is_empty() && said(false, false, true).is_empty());
    }
}
