//! What a lockfile is locked by.

use std::fmt;
use std::sync::Arc;

use crate::protocol::Protocol;

/// What a lockfile is locked by: the lock of a [`Backend`](crate::Backend) on the file, or the name
/// itself ([`Hardlink`](crate::Hardlink)). You seldom write this type: see
/// [`Lockfile::backend`](crate::Lockfile::backend).
///
/// # Examples
///
/// ```
/// use tenure::{Engine, Flock, Hardlink, Lockfile};
///
/// let on_many_hosts = false;
/// let engine = if on_many_hosts { Engine::from(Hardlink) } else { Engine::from(Flock) };
/// let lock = Lockfile::new("/run/backupd.pid").backend(engine);
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) protocol: Arc<dyn Protocol>,
}

impl Engine {
    pub(crate) fn new(protocol: impl Protocol + 'static) -> Self {
        Self { protocol: Arc::new(protocol) }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").field(&self.protocol.name()).finish()
    }
}
