//! Other programs lock, write and open the same file. tenure respects that, and is respected.
//!
//! Each test runs one kind of interference through a table of its neighbors. The other program is a
//! real process, which does not use this crate.
#![cfg(all(feature = "cli", target_os = "linux", target_pointer_width = "64"))]
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod support;

#[path = "strangers/blank.rs"]
mod blank;
#[path = "strangers/descriptors.rs"]
mod descriptors;
#[path = "strangers/flock_program.rs"]
mod flock_program;
#[path = "strangers/holding.rs"]
mod holding;
#[path = "strangers/kept.rs"]
mod kept;
#[path = "strangers/leases.rs"]
mod leases;
#[path = "strangers/locked.rs"]
mod locked;
#[path = "strangers/looks.rs"]
mod looks;
#[path = "strangers/overwritten.rs"]
mod overwritten;
#[path = "strangers/own_locks.rs"]
mod own_locks;
#[allow(dead_code, reason = "the tests of the program need more of it")]
#[path = "cli/support.rs"]
mod program;
#[path = "strangers/released.rs"]
mod released;
#[path = "strangers/scene.rs"]
mod scene;
#[path = "strangers/stranger.rs"]
mod stranger;
#[path = "strangers/waiting.rs"]
mod waiting;
