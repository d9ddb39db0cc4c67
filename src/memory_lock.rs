//! A lock without a file, for the tests of applications.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::holder::Holder;
use crate::identity::Identity;
use crate::lock::Lock;
use crate::record::Record;
use crate::room::Rooms;
use crate::status::Status;
use crate::verdict::Verdict;

/// A lock without a file, within this process: for the tests of what is written for any
/// [`Lock`].
///
/// Two values of one name exclude each other, like two [`Lockfile`](crate::Lockfile)s of one path;
/// dropping a value releases it. Give every test a name of its own.
///
/// # Examples
///
/// ```
/// use tenure::{Lock, MemoryLock};
///
/// let (mut first, mut second) = (MemoryLock::new("ledger"), MemoryLock::new("ledger"));
/// first.try_lock()?;
/// let busy = second.try_lock().unwrap_err();
/// assert_eq!(busy.holder().unwrap().pid(), std::process::id());
///
/// // What a holder that dies leaves behind can be tried, too.
/// first.abandon();
/// second.try_lock()?;
/// assert!(second.was_abandoned());
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Debug)]
pub struct MemoryLock {
    name: String,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    abandoned: bool,
}

/// Who holds which name, and which names were abandoned.
#[derive(Debug, Default)]
struct World {
    rooms: Rooms<String, Record>,
    abandoned: Mutex<HashSet<String>>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::default)
}

impl MemoryLock {
    /// The lock called `name`. Nothing is locked.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), held: None }
    }

    /// Lets go of the lock as a holder does that dies: the next one is told that it
    /// [was abandoned](Lock::was_abandoned). Nothing, if it is not held.
    pub fn abandon(&mut self) {
        if self.held.take().is_some() {
            self.abandoned(HashSet::insert);
            world().rooms.leave(&self.name);
        }
    }

    /// Asks `enter` for the room; whether it was had.
    fn acquire(
        &mut self,
        enter: impl FnOnce(&Rooms<String, Record>, String, Record) -> bool,
    ) -> Result<bool> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.path() });
        }
        let entered = enter(&world().rooms, self.name.clone(), Identity::current().record());
        if entered {
            let abandoned = self.abandoned(|abandoned, name| abandoned.remove(&name));
            self.held = Some(Held { abandoned });
        }
        Ok(entered)
    }

    fn abandoned<T>(&self, change: impl FnOnce(&mut HashSet<String>, String) -> T) -> T {
        let mut abandoned = world().abandoned.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut abandoned, self.name.clone())
    }

    fn holder(&self) -> Option<Holder> {
        world().rooms.look(&self.name, |record| {
            record.map(|record| Holder::new(record.clone(), Verdict::Live))
        })
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(&self.name)
    }
}

impl Lock for MemoryLock {
    fn try_lock(&mut self) -> Result<()> {
        if self.acquire(Rooms::try_enter)? {
            return Ok(());
        }
        Err(Error::busy(&self.path(), self.holder().map(Box::new)))
    }

    fn lock(&mut self) -> Result<()> {
        self.acquire(|rooms, name, record| rooms.enter(name, record, None)).map(drop)
    }

    fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        let until = Instant::now().checked_add(limit);
        if self.acquire(|rooms, name, record| rooms.enter(name, record, until))? {
            return Ok(());
        }
        let holder = self.holder().map(Box::new);
        Err(Error::Timeout { path: self.path(), limit, holder, obstacle: None })
    }

    fn unlock(&mut self) -> Result<()> {
        if self.held.take().is_none() {
            return Err(Error::NotHeld { path: self.path() });
        }
        world().rooms.leave(&self.name);
        Ok(())
    }

    fn is_held(&self) -> bool {
        self.held.is_some()
    }

    fn was_abandoned(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.abandoned)
    }

    fn status(&self) -> Result<Status> {
        Ok(Status::of_memory(self.path(), self.holder()))
    }
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        let _ = self.unlock();
    }
}
