//! A room for each key, in this process, with one occupant at a time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub(crate) struct Rooms<K, V> {
    occupants: Mutex<HashMap<K, V>>,
    left: Condvar,
}

impl<K, V> Default for Rooms<K, V> {
    fn default() -> Self {
        Self { occupants: Mutex::default(), left: Condvar::new() }
    }
}

impl<K: Hash + Eq, V> Rooms<K, V> {
    /// Enters if nobody is there; whether that was so.
    pub(crate) fn try_enter(&self, key: K, occupant: V) -> bool {
        let mut occupants = self.occupants();
        let vacant = !occupants.contains_key(&key);
        if vacant {
            occupants.insert(key, occupant);
        }
        vacant
    }

    /// Enters, waiting until `until` or for as long as it takes; whether that came about.
    pub(crate) fn enter(&self, key: K, occupant: V, until: Option<Instant>) -> bool {
        let mut occupants = self.occupants();
        while occupants.contains_key(&key) {
            let waited = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(left) if left.is_zero() => return false,
                Some(left) => self
                    .left
                    .wait_timeout(occupants, left)
                    .map(|(occupants, _)| occupants)
                    .map_err(|err| err.into_inner().0),
                None => self.left.wait(occupants).map_err(PoisonError::into_inner),
            };
            occupants = waited.unwrap_or_else(|occupants| occupants);
        }
        occupants.insert(key, occupant);
        true
    }

    pub(crate) fn leave(&self, key: &K) {
        self.occupants().remove(key);
        // All of them, because they wait for different rooms.
        self.left.notify_all();
    }

    /// Runs `look` while nobody enters or leaves, with who is there.
    pub(crate) fn look<T>(&self, key: &K, look: impl FnOnce(Option<&V>) -> T) -> T {
        look(self.occupants().get(key))
    }

    /// Whoever panicked meanwhile has left it in order: each change is one insertion or removal.
    fn occupants(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.occupants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
