//! Whoever is to be checked.

use std::fmt;
use std::path::Path;

#[cfg(doc)]
use super::main;
use crate::engine::Engine;
use crate::lockfile::Lockfile;

/// A backend that is to be checked, and a name for it.
pub struct Candidate {
    pub(super) name: String,
    pub(super) lockfile: Box<dyn Fn(&Path) -> Lockfile + Send + Sync>,
}

impl Candidate {
    /// `name`: what the report calls it; no other candidate's of the same [`main`].
    ///
    /// `backend`: makes the backend for the lockfile at a path. Is called once in every process that
    /// contends for it, so processes have nothing in common but the path. It must not start threads:
    /// some checks fork, and in the child there would be none of them, but the locks that they had.
    pub fn new<B: Into<Engine>>(
        name: impl Into<String>,
        backend: impl Fn(&Path) -> B + Send + Sync + 'static,
    ) -> Self {
        let lockfile = move |path: &Path| Lockfile::new(path).backend(backend(path));
        Self { name: name.into(), lockfile: Box::new(lockfile) }
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("name", &self.name).finish_non_exhaustive()
    }
}
