//! A name for each acquisition.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// Some number or other.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Sixteen hexadecimal digits that no other acquisition has, to all practical purposes.
///
/// std seeds its hashers from the system's random numbers. A forked child has its parent's seed
/// and count, so the PID and the time are mixed in.
pub(crate) fn fresh(pid: u32, now: SystemTime) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
    hasher.write_u32(pid);
    now.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
