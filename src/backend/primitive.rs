//! What a record is judged by of the lock that stands behind it.

use super::{Backend, Scope};

/// The default backend of Unix, whose name records do without. That of another system is not it: a
/// disk can be common to both (WSL), and neither lock keeps out the other.
const UNNAMED: &str = "flock";

/// A lock, as far as verdicts depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Primitive<'a> {
    /// Its name, as records carry it: none for flock(2).
    pub(crate) name: Option<&'a str>,
    /// Whether it is freed when its holder dies.
    pub(crate) freed_at_death: bool,
    pub(crate) scope: Scope,
}

impl<'a> Primitive<'a> {
    pub(crate) fn of(backend: &'a dyn Backend) -> Self {
        Self {
            name: Some(backend.name()).filter(|name| *name != UNNAMED),
            freed_at_death: backend.freed_at_death(),
            scope: backend.scope(),
        }
    }
}
