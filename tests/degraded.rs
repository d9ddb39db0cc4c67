//! Places where less is known than on a usual Linux: one scenario, with real processes, in each.
//!
//! What is missing makes a lock harder to get, or a wait longer, and never lets two in.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "degraded/places.rs"]
mod places;
#[cfg(feature = "cli")]
#[path = "degraded/program.rs"]
mod program;
#[path = "degraded/scenario.rs"]
mod scenario;
mod support;
