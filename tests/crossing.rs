//! The tables in docs/crossing.md: tenure and another program meet at one lockfile.
//!
//! Each row is a test, in which the real program crosses tenure in every way of the row. A row has
//! these trials: tenure is first, the other is first, tenure is killed, the other is killed, and each
//! comes in turn after the other. `.ci/crossing` fetches what no package installs.
#![cfg(all(target_os = "linux", feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "crossing/age.rs"]
mod age;
#[path = "crossing/contender.rs"]
mod contender;
#[path = "crossing/daemons.rs"]
mod daemons;
#[path = "crossing/dot_locks.rs"]
mod dot_locks;
#[path = "crossing/ends.rs"]
mod ends;
#[path = "crossing/kernel_locks.rs"]
mod kernel_locks;
#[path = "crossing/libraries.rs"]
mod libraries;
#[path = "crossing/other.rs"]
mod other;
#[path = "crossing/outcome.rs"]
mod outcome;
#[path = "crossing/place.rs"]
mod place;
#[path = "crossing/processes.rs"]
mod processes;
#[path = "crossing/python.rs"]
mod python;
#[path = "crossing/respect.rs"]
mod respect;
#[path = "crossing/row.rs"]
mod row;
#[path = "crossing/shell.rs"]
mod shell;
mod support;
#[path = "crossing/table.rs"]
mod table;
#[path = "crossing/trials.rs"]
mod trials;
#[path = "crossing/twins.rs"]
mod twins;
#[path = "crossing/waiters.rs"]
mod waiters;
#[path = "crossing/way.rs"]
mod way;
