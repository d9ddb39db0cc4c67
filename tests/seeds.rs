//! What five others document, replayed against this crate: a module for each, a test for each
//! point. Where we differ on purpose, the test says how, and its comment why.
//!
//! Linux: the tests see from `/proc` that somebody waits, and some of the locks are there alone.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

#[path = "seeds/create_new.rs"]
mod create_new;
#[path = "seeds/go_lockfile.rs"]
mod go_lockfile;
#[path = "seeds/ipc_lock.rs"]
mod ipc_lock;
#[path = "seeds/nfs_lock.rs"]
mod nfs_lock;
#[path = "seeds/scene.rs"]
mod scene;
#[path = "seeds/simplelock.rs"]
mod simplelock;
