//! The backend whose lock is the name itself: `Hardlink`.
//!
//! What happens between two system calls is for `tests/interleavings.rs`. Here are real processes, each
//! promise in a test of its own, and the two bugs of `Nfs_lock` by the names of what must not happen.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

#[path = "hardlink/claims.rs"]
mod claims;
#[path = "hardlink/content.rs"]
mod content;
#[path = "hardlink/disks.rs"]
mod disks;
#[path = "hardlink/leftovers.rs"]
mod leftovers;
#[path = "hardlink/moments.rs"]
mod moments;
#[path = "hardlink/nfs_lock.rs"]
mod nfs_lock;
#[path = "hardlink/recovery.rs"]
mod recovery;
#[path = "hardlink/rights.rs"]
mod rights;
#[path = "hardlink/scene.rs"]
mod scene;
#[path = "hardlink/turns.rs"]
mod turns;
#[path = "hardlink/user_space.rs"]
mod user_space;
#[path = "hardlink/waiting.rs"]
mod waiting;
