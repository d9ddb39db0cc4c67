//! Hostile paths: whatever stands at the path, asking for the lock never hangs, never crashes, and
//! never destroys what is not a lockfile.
//!
//! Every case is asked in every way that does not wait for ever, and afterwards everything in the
//! directory is what it was, to the inode and the change time.
#![cfg(unix)]

mod support;

#[path = "hostile/content.rs"]
mod content;
#[path = "hostile/disks.rs"]
mod disks;
#[cfg(target_os = "linux")]
#[path = "hostile/kernel.rs"]
mod kernel;
#[path = "hostile/kinds.rs"]
mod kinds;
#[path = "hostile/links.rs"]
mod links;
#[path = "hostile/paths.rs"]
mod paths;
#[path = "hostile/rights.rs"]
mod rights;
#[path = "hostile/scene.rs"]
mod scene;
