//! Whose locks end with their holders.

use super::contract::Backend;
use super::{Flock, Semaphore, memory};

/// Whether the lock of the backend that records call `name` is known to end with its holder: of a lock
/// of the caller's own, nothing is.
pub(crate) fn ends_with_holder(name: &str) -> bool {
    [Flock.name(), Semaphore.name(), memory::NAME].contains(&name)
}
