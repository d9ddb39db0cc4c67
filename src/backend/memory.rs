//! A lock within this process, for tests.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::{Admission, Backend, Queue, Scope};
use crate::room::Rooms;
use crate::sys::{self, FileId};

/// As records have it.
pub(super) const NAME: &str = "memory";

/// A lock within this process, for tests; the lockfile is written as with any other.
///
/// Each `Memory::new()` is a world of its own, and its clones are the same world. A forked child has
/// a copy, in which what was taken stays taken. A lock that touches no file at all is
/// [`MemoryLock`](crate::MemoryLock).
///
/// # Examples
///
/// ```
/// use tenure::{Lockfile, Memory};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("test.lock");
/// let mut lock = Lockfile::new(&path).backend(Memory::new());
/// let mut other = lock.clone();
/// lock.try_lock()?;
/// assert!(other.try_lock().unwrap_err().is_busy());
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Rooms<FileId, ()>>);

impl Memory {
    /// A new world, in which nothing is locked.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Backend for Memory {
    fn name(&self) -> &'static str {
        NAME
    }

    /// It is, with all of its world; but in another world a free lock proves nothing.
    fn freed_at_death(&self) -> bool {
        true
    }

    fn sees_kernel_locks(&self) -> bool {
        false
    }

    fn scope(&self) -> Scope {
        Scope::Process
    }

    fn queue(&self) -> Queue {
        Queue::Timed
    }

    fn try_lock(&self, file: &File, _path: &Path) -> io::Result<Admission> {
        let entered = self.0.try_enter(sys::stat(file)?.id, ());
        Ok(if entered { Admission::Locked } else { Admission::Refused })
    }

    fn wait(&self, file: &File, _path: &Path, until: Option<Instant>) -> io::Result<bool> {
        Ok(self.0.enter(sys::stat(file)?.id, (), until))
    }

    fn look(&self, file: &File, _path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let id = sys::stat(file)?.id;
        Ok(self.0.look(&id, |occupant| {
            let free = occupant.is_none();
            if free {
                look();
            }
            free
        }))
    }

    fn release(&self, file: &File, _path: &Path) -> io::Result<()> {
        self.0.leave(&sys::stat(file)?.id);
        Ok(())
    }
}
