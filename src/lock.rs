//! [`Lock`], the trait over every lock of this crate.

use std::time::Duration;

use crate::error::Result;
use crate::lockfile::Lockfile;
use crate::status::Status;

/// What every lock of this crate can do, so that application code can be written once, and tested
/// with a [`MemoryLock`](crate::MemoryLock).
///
/// Object-safe: `Box<dyn Lock>` is a lock as well. Implement it for a lock of your own, and all that
/// takes one takes yours; [`Status::new`] is for that.
///
/// # Leases and fencing tokens
///
/// There is no word here for renewing, for expiring or for a fencing token, by choice: no lock of this
/// crate is held for a time. Each is held until it is released, or until its holder is proven gone, or
/// declared so by an operator; and never is a holder put out for having been slow, stopped or off with
/// its clock. So there is nothing to renew, and nobody for the *resource* to fence off whom time has
/// put out. What every lock would answer with "none" would teach callers not to look.
///
/// A lock of your own may be a lease (etcd, an object store). Then renew it within the value, have
/// [`is_held`](Self::is_held) say `false` once it has expired and [`unlock`](Self::unlock) fail, and
/// hand the fencing token out by a method of that type: whoever gives it to the resource knows which
/// lock it is of. As the [`Callback`](crate::Callback) under a lockfile, a lease that expires too early
/// lets nobody in: the record still speaks for its holder, who is alive or unproven.
///
/// There is room for more: [`Error`](crate::Error) and [`Loss`](crate::Loss) are `non_exhaustive`, and
/// a method of this trait can come with a body of its own.
///
/// # Examples
///
/// ```
/// use tenure::{Lock, MemoryLock, Result, lock_until_finished};
///
/// fn settle(ledger: &mut dyn Lock) -> Result<u32> {
///     lock_until_finished(ledger, || 2 + 2)
/// }
///
/// assert_eq!(settle(&mut MemoryLock::new("ledger"))?, 4);
/// # Ok::<(), tenure::Error>(())
/// ```
pub trait Lock {
    /// Acquires the lock if it is free or stale; does not wait.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::Error::Busy) if somebody holds it, and those of the implementation.
    fn try_lock(&mut self) -> Result<()>;

    /// Acquires the lock, waiting for as long as it takes.
    ///
    /// # Errors
    ///
    /// Those of [`try_lock`](Self::try_lock), but for `Busy`.
    fn lock(&mut self) -> Result<()>;

    /// Acquires the lock, waiting for at most `limit`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock), and [`Error::Timeout`](crate::Error::Timeout).
    fn lock_timeout(&mut self, limit: Duration) -> Result<()>;

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`](crate::Error::NotHeld), and those of the implementation.
    fn unlock(&mut self) -> Result<()>;

    /// Whether this value holds the lock, in this process.
    fn is_held(&self) -> bool;

    /// Whether this acquisition took the lock from a holder that did not release it: what the lock
    /// protects may be half done. `false` while nothing is held.
    fn was_abandoned(&self) -> bool;

    /// Who holds the lock, if anybody does.
    ///
    /// # Errors
    ///
    /// It cannot be told.
    fn status(&self) -> Result<Status>;
}

impl Lock for Lockfile {
    fn try_lock(&mut self) -> Result<()> {
        self.try_lock()
    }

    fn lock(&mut self) -> Result<()> {
        self.lock()
    }

    fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        self.lock_timeout(limit)
    }

    fn unlock(&mut self) -> Result<()> {
        self.unlock()
    }

    fn is_held(&self) -> bool {
        self.is_held()
    }

    fn was_abandoned(&self) -> bool {
        self.was_abandoned()
    }

    fn status(&self) -> Result<Status> {
        self.status()
    }
}

/// What is in a box is locked: that of [`default_lock`], say.
impl<L: Lock + ?Sized> Lock for Box<L> {
    fn try_lock(&mut self) -> Result<()> {
        (**self).try_lock()
    }

    fn lock(&mut self) -> Result<()> {
        (**self).lock()
    }

    fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        (**self).lock_timeout(limit)
    }

    fn unlock(&mut self) -> Result<()> {
        (**self).unlock()
    }

    fn is_held(&self) -> bool {
        (**self).is_held()
    }

    fn was_abandoned(&self) -> bool {
        (**self).was_abandoned()
    }

    fn status(&self) -> Result<Status> {
        (**self).status()
    }
}

/// The lock of the application `name`: that of [`Lockfile::named`].
///
/// # Errors
///
/// Those of [`Lockfile::named`].
///
/// # Examples
///
/// ```
/// use tenure::{default_lock, lock_until_finished};
///
/// # let name = format!("doctest-of-default-lock-{}", std::process::id());
/// # let my_app = name.as_str();
/// let mut lock = default_lock(my_app)?;
/// let sum = lock_until_finished(&mut lock, || 2 + 2)?;
/// # assert_eq!(sum, 4);
/// # Ok::<(), tenure::Error>(())
/// ```
pub fn default_lock(name: &str) -> Result<Box<dyn Lock + Send + Sync>> {
    Ok(Box::new(Lockfile::named(name)?))
}

/// Runs `section` while holding `lock`: locks, runs, unlocks. If `section` panics, the lock is
/// released and the panic goes on.
///
/// # Errors
///
/// Those of [`Lock::lock`]; then `section` has not run. Those of [`Lock::unlock`]; then it has, and
/// its result is dropped.
pub fn lock_until_finished<T>(
    lock: &mut (impl Lock + ?Sized),
    section: impl FnOnce() -> T,
) -> Result<T> {
    lock.lock()?;
    finish(lock, section)
}

/// The same, with a `lock` that is held already.
pub(crate) fn finish<T>(lock: &mut (impl Lock + ?Sized), section: impl FnOnce() -> T) -> Result<T> {
    /// Releases during a panic what is otherwise unlocked and asked for errors.
    struct Section<'a, L: Lock + ?Sized>(&'a mut L);
    impl<L: Lock + ?Sized> Drop for Section<'_, L> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                let _ = self.0.unlock();
            }
        }
    }

    let held = Section(lock);
    let value = section();
    held.0.unlock()?;
    Ok(value)
}
