//! One lockfile that is watched, and those who want to be told.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::file::Place;
use crate::loss::Loss;
use crate::sys::Bell;
use crate::trace;

/// A lockfile that this process holds, and that is watched.
#[derive(Debug)]
pub(crate) struct Post {
    /// Rung to have it looked at.
    bell: Arc<Bell>,
    /// Whether events tell of what others do to the file.
    local: bool,
    /// Locked while it is looked at, and while the holder changes it.
    watched: Mutex<Watched>,
    listeners: Mutex<Vec<Listener>>,
}

#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) place: Place,
    /// Whether it is still held.
    pub(crate) held: bool,
    /// How often it was restored: a loss after that is another, also if nobody looked in between.
    pub(crate) restorations: u64,
    /// What was told of in the log.
    traced: Option<(Loss, u64)>,
}

/// Somebody who wants to be told.
pub(crate) struct Listener {
    /// `None` once it is dropped.
    tell: Option<Box<dyn FnMut(Loss) + Send>>,
    /// Gone when it does not matter any more; `None` if it always does.
    wanted: Option<Weak<()>>,
    /// What it was told of, after how many restorations.
    told: Option<(Loss, u64)>,
}

impl Listener {
    pub(crate) fn new(tell: impl FnMut(Loss) + Send + 'static) -> Self {
        Self { tell: Some(Box::new(tell)), wanted: None, told: None }
    }

    /// One that matters for as long as somebody keeps `life`.
    pub(crate) fn for_the_life_of(life: &Arc<()>, tell: impl FnMut(Loss) + Send + 'static) -> Self {
        let mut listener = Self::new(tell);
        listener.wanted = Some(Arc::downgrade(life));
        listener
    }

    /// Tells of what is new; whether to go on.
    fn hear(&mut self, loss: Option<(Loss, u64)>) -> bool {
        let is_news = loss != self.told;
        self.told = loss;
        match (loss, &mut self.tell) {
            // Whoever panics is not told again, and takes nobody with it.
            (Some((loss, _)), Some(tell)) if is_news => {
                catch_unwind(AssertUnwindSafe(|| tell(loss))).is_ok() && self.is_wanted()
            }
            _ => self.is_wanted(),
        }
    }

    fn is_wanted(&self) -> bool {
        self.wanted.as_ref().is_none_or(|life| life.strong_count() > 0)
    }
}

impl Drop for Listener {
    /// What it owns may panic as well: a waker of an executor that is gone, for one.
    fn drop(&mut self) {
        let tell = self.tell.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(tell)));
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("told", &self.told).finish_non_exhaustive()
    }
}

impl Post {
    pub(crate) fn new(bell: Arc<Bell>, place: Place, local: bool) -> Self {
        let watched = Mutex::new(Watched { place, held: true, restorations: 0, traced: None });
        Self { bell, local, watched, listeners: Mutex::default() }
    }

    /// Has `listener` told, also of what has happened already.
    pub(crate) fn tell(&self, listener: Listener) {
        let mut listeners = lock(&self.listeners);
        listeners.retain(Listener::is_wanted);
        listeners.push(listener);
        drop(listeners);
        self.bell.ring();
    }

    /// Nobody looks until this is dropped: the holder itself is about to change the lockfile.
    pub(crate) fn hold_still(&self) -> MutexGuard<'_, Watched> {
        lock(&self.watched)
    }

    /// Has it looked at again, or given up.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }

    pub(super) fn is_local(&self) -> bool {
        self.local
    }

    pub(super) fn path(&self) -> PathBuf {
        lock(&self.watched).place.path().to_owned()
    }

    /// Whether the lockfile is still held.
    pub(super) fn is_manned(&self) -> bool {
        lock(&self.watched).held
    }

    /// Nobody is told any more.
    pub(super) fn dismiss(&self) {
        let listeners = std::mem::take(&mut *lock(&self.listeners));
        drop(listeners);
    }

    /// Looks, and tells.
    pub(super) fn look(&self) {
        let mut watched = lock(&self.watched);
        // Between the last look and now the holder may have released it: that is no loss.
        if !watched.held {
            return;
        }
        let loss = watched.place.loss().map(|loss| (loss, watched.restorations));
        let is_news = std::mem::replace(&mut watched.traced, loss) != loss;
        let news =
            loss.filter(|_| is_news).map(|(loss, _)| (watched.place.path().to_owned(), loss));
        drop(watched);
        if let Some((path, loss)) = news {
            trace::lost(&path, loss);
        }
        // Nothing is locked while they are told, because they may unlock the lockfile, or ask for
        // more to be told.
        let mut listeners = std::mem::take(&mut *lock(&self.listeners));
        listeners.retain_mut(|listener| listener.hear(loss));
        lock(&self.listeners).append(&mut listeners);
    }
}

/// Whoever panicked meanwhile has left it in order: each change is one assignment, or of a list that
/// is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
