//! The caller's own lock, as two closures.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use super::{Admission, Backend, Scope};

type TryLock = dyn Fn(&Path) -> io::Result<bool> + Send + Sync;
type Release = dyn Fn(&Path) -> io::Result<()> + Send + Sync;

/// The caller's own lock, as two closures: a database's advisory lock, a lease, a mutex of another
/// library.
///
/// The closures have to keep the obligations of [`Backend`], by the path alone. Because nothing is
/// known of them, a free lock proves nothing about a holder that died, which its record does; a lock
/// that outlives its holder is busy until `try_lock` has it. Those who wait are woken by what
/// happens to the lockfile. Implement [`Backend`] where more is known.
///
/// Whoever asks for the status is told what the record says, because asking for the lock would be in
/// the way of contenders.
///
/// # Examples
///
/// ```
/// use std::collections::HashSet;
/// use std::path::PathBuf;
/// use std::sync::{Arc, Mutex};
/// use tenure::{Callback, Lockfile};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("ledger.lock");
/// let taken: Arc<Mutex<HashSet<PathBuf>>> = Arc::default();
/// let (took, left) = (taken.clone(), taken);
/// let lock = Lockfile::new(&path).backend(Callback::new(
///     "set",
///     move |path| Ok(took.lock().unwrap().insert(path.to_owned())),
///     move |path| Ok(drop(left.lock().unwrap().remove(path))),
/// ));
/// lock.clone().with(|| println!("alone"))?;
/// # Ok::<(), tenure::Error>(())
/// ```
pub struct Callback {
    name: String,
    try_lock: Box<TryLock>,
    release: Box<Release>,
}

impl Callback {
    /// `name`: what records call it; the same in all processes that use it, and no other backend's.
    /// `try_lock`: locks what belongs to the path, and says whether it did. `release`: lets go of
    /// what `try_lock` has locked.
    pub fn new(
        name: impl Into<String>,
        try_lock: impl Fn(&Path) -> io::Result<bool> + Send + Sync + 'static,
        release: impl Fn(&Path) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let (try_lock, release) = (Box::new(try_lock), Box::new(release));
        Self { name: name.into(), try_lock, release }
    }
}

impl Backend for Callback {
    fn name(&self) -> &str {
        &self.name
    }

    fn freed_at_death(&self) -> bool {
        false
    }

    fn scope(&self) -> Scope {
        Scope::Process
    }

    fn try_lock(&self, _file: &File, path: &Path) -> io::Result<Admission> {
        let locked = (self.try_lock)(path)?;
        Ok(if locked { Admission::Locked } else { Admission::Refused })
    }

    fn look(&self, _file: &File, _path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        look();
        Ok(true)
    }

    /// The closures lock the path.
    fn follow(
        &self,
        _from: &File,
        _to: &File,
        _path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        put();
        Ok(())
    }

    fn release(&self, _file: &File, path: &Path) -> io::Result<()> {
        (self.release)(path)
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("name", &self.name).finish_non_exhaustive()
    }
}
