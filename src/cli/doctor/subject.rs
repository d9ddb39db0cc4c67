//! What the doctor looks at.

use std::fs;
use std::path::{self, Component, Path, PathBuf};

use crate::doctor::finding::Finding;
use crate::printable;

/// A directory, and perhaps a lockfile in it.
#[derive(Debug)]
pub(super) struct Subject {
    /// Absolute, without links in it.
    pub(super) dir: PathBuf,
    /// What was asked about, where a link leads from there to `dir`.
    pub(super) link: Option<PathBuf>,
    /// In that directory; `None` if it is the directory that was asked about.
    pub(super) lock: Option<PathBuf>,
}

impl Subject {
    /// A directory where `path` is one, and otherwise the lockfile that may be there.
    pub(super) fn of(path: &Path) -> Result<Self, Finding> {
        let is_dir = fs::metadata(path).is_ok_and(|found| found.is_dir());
        let (dir, name) = match path.file_name() {
            Some(name) if !is_dir => (path.parent().unwrap_or(Path::new("")), Some(name)),
            _ => (path, None),
        };
        let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        let found = fs::canonicalize(dir).map_err(|err| {
            let shown = printable::path(dir);
            Finding::bad("directory", format!("{shown} cannot be used: {err}"))
                .remedy("make it, or choose another")
        })?;
        let given = path::absolute(dir).ok();
        // `/a/../b` is no link.
        let is_plain = |dir: &PathBuf| dir.components().all(|part| part != Component::ParentDir);
        let link = given.filter(|given| *given != found && is_plain(given));
        Ok(Self { lock: name.map(|name| found.join(name)), dir: found, link })
    }

    /// The lockfile, or one that could be in the directory.
    pub(super) fn any_lock(&self) -> PathBuf {
        self.lock.clone().unwrap_or_else(|| self.dir.join("any.lock"))
    }
}
