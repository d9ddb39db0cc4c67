//! `Semaphore`: System V semaphores underneath a lockfile.
//!
//! Where the record would keep a contender out as well, a test empties the lockfile first: then it
//! is the semaphore that does.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

#[cfg(target_os = "linux")]
#[path = "semaphore/admission.rs"]
mod admission;
#[cfg(target_os = "linux")]
#[path = "semaphore/ending.rs"]
mod ending;
#[cfg(target_os = "linux")]
#[path = "semaphore/fuse.rs"]
mod fuse;
#[cfg(target_os = "linux")]
#[path = "semaphore/keys.rs"]
mod keys;
#[cfg(target_os = "linux")]
#[path = "semaphore/mixing.rs"]
mod mixing;
#[cfg(target_os = "linux")]
#[path = "semaphore/posix.rs"]
mod posix;
#[cfg(target_os = "linux")]
#[path = "semaphore/queue.rs"]
mod queue;
#[cfg(target_os = "linux")]
#[path = "semaphore/reading.rs"]
mod reading;
#[cfg(target_os = "linux")]
#[path = "semaphore/removal.rs"]
mod removal;
#[cfg(target_os = "linux")]
#[path = "semaphore/rights.rs"]
mod rights;
#[cfg(target_os = "linux")]
#[path = "semaphore/sets.rs"]
mod sets;
#[cfg(target_os = "linux")]
#[path = "semaphore/sweeping.rs"]
mod sweeping;
