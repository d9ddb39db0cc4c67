//! Real programs, live and killed, and what tenure says of their lockfiles.
//!
//! While a program lives, its file is busy, its holder is named, and nothing touches the file. After
//! SIGKILL, the file is stale, empty or not recognized, as its content allows. Whatever tenure does with
//! the file then, the program starts anew.
#![cfg(all(feature = "cli", target_os = "linux", target_pointer_width = "64"))]
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

#[path = "daemons/anacron.rs"]
mod anacron;
#[path = "daemons/cron.rs"]
mod cron;
#[path = "daemons/daemon.rs"]
mod daemon;
#[path = "daemons/dpkg.rs"]
mod dpkg;
#[path = "daemons/git.rs"]
mod git;
#[path = "daemons/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "the tests of the program need more of it")]
#[path = "cli/support.rs"]
mod program;
#[path = "daemons/redis.rs"]
mod redis;
#[path = "daemons/rocksdb.rs"]
mod rocksdb;
#[path = "daemons/runit.rs"]
mod runit;
#[path = "daemons/s6.rs"]
mod s6;
mod support;
#[path = "daemons/verdict.rs"]
mod verdict;
#[path = "daemons/xvfb.rs"]
mod xvfb;

/// Mounts, a network, shared memory and processes of its own, which end with the scene.
const SCENE: &str = "unshare -minpf --mount-proc --kill-child";
