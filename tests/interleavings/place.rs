//! Where the name is the lock: what a call is about, and which calls do not matter.
//!
//! Nobody can tell whether somebody has a file open, nor whether he asks for its number: such calls
//! are no stops. (Who waits for events hears of the closing of files.) And what a process does to a
//! draft of its own matters to nobody but those who list the directory.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use nix::unistd::Pid;

use super::history::{Access, THINGS};

/// What a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The lockfile.
    Lock,
    /// A claim, or a record that was moved aside.
    Beside,
    /// A draft of the process itself.
    OwnDraft,
    /// A draft of another.
    Draft,
    /// The names in the directory.
    Directory,
    /// None of these.
    World,
}

/// What a process has made a draft of.
#[derive(Debug)]
pub struct Names {
    drafts: BTreeSet<String>,
    /// Whether the closing of files matters.
    closes: bool,
}

impl Names {
    pub fn new(closes: bool) -> Self {
        Self { drafts: BTreeSet::new(), closes }
    }

    /// What the call `name` at `path` is about, and the name in the directory; `None` if it does not
    /// matter.
    pub fn path(&mut self, dir: &Path, path: &str, name: &str) -> Option<(Place, String)> {
        let inner = Path::new(path).strip_prefix(dir).ok()?.to_str()?.to_owned();
        if inner.is_empty() {
            return None;
        }
        let place = match &*inner {
            "lock" => Place::Lock,
            draft if draft.starts_with("lock.draft.") => {
                // Who makes one is the first to open it.
                let is_new = name == "openat" && !dir.join(draft).exists();
                if is_new {
                    self.drafts.insert(inner.clone());
                }
                if self.drafts.contains(&inner) { Place::OwnDraft } else { Place::Draft }
            }
            _ => Place::Beside,
        };
        Some((place, inner))
    }

    /// The same for a descriptor.
    pub fn file(&mut self, dir: &Path, pid: Pid, file: u64, name: &str) -> Option<(Place, String)> {
        if name == "fstat" || name == "close" && !self.closes {
            return None;
        }
        let path = fs::read_link(format!("/proc/{pid}/fd/{file}")).ok()?;
        if path == dir {
            return Some((Place::Directory, String::new()));
        }
        let inner = path.strip_prefix(dir).ok()?.to_str()?;
        Some(match inner.strip_suffix(" (deleted)") {
            // What has lost the name of a draft is the lockfile; other files are not changed.
            Some(inner) => (Place::Lock, inner.to_owned()),
            None => return self.path(dir, path.to_str()?, name),
        })
    }
}

impl Place {
    /// How the call `name` touches things. Drafts are written by their authors, each its own, and in
    /// any order; and "read" by those who list or open them, for whom the order counts: the other way
    /// round than elsewhere.
    pub fn accesses(self, name: &str) -> [Access; THINGS] {
        use Access::{None, Read, Write};
        match (self, name) {
            (Self::Lock, "linkat") => [Write, None, None, None, None, Read],
            (Self::Lock, "rename") => [Write, None, None, None, Write, None],
            (Self::Lock, "unlink") => [Write, None, None, None, None, None],
            (Self::Lock, "pread") => [None, Read, None, None, None, None],
            (Self::Lock, "pwrite") => [None, Write, None, None, None, None],
            (Self::Lock, "openat" | "fstatat") => [Read, None, None, None, None, None],
            (Self::Beside, "linkat") => [None, None, None, None, Write, Read],
            (Self::Beside, "unlink") => [None, None, None, None, Write, None],
            (Self::Beside, "openat" | "fstatat" | "pread") => [None, None, None, None, Read, None],
            (Self::OwnDraft, _) => [None, None, None, None, None, Read],
            (Self::Draft, _) => [None, None, None, None, None, Write],
            (Self::Directory, _) => [None, None, None, None, Read, Write],
            _ => [Write; THINGS],
        }
    }
}
