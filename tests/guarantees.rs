//! What each backend guarantees: every cell of the table "Backends" in the crate's docs, and of that in
//! docs/backends.md, has a test here, in the file of its row.
//!
//! Here it is shown that a cell is so. That it is so whatever happens in between is for the other
//! tests: conformance, interleavings, and those of each backend.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;
#[allow(dead_code, reason = "a part of it is used")]
#[path = "identity/vocabulary.rs"]
mod vocabulary;

#[path = "guarantees/another_container.rs"]
mod another_container;
#[path = "guarantees/freed_at_death.rs"]
mod freed_at_death;
#[path = "guarantees/ground.rs"]
mod ground;
#[path = "guarantees/order_of_those_who_wait.rs"]
mod order_of_those_who_wait;
#[path = "guarantees/other_hosts.rs"]
mod other_hosts;
#[path = "guarantees/reused_pids.rs"]
mod reused_pids;
#[path = "guarantees/shared.rs"]
mod shared;
#[cfg(feature = "tokio")]
#[path = "guarantees/tasks_of_tokio.rs"]
mod tasks_of_tokio;
#[path = "guarantees/waits_with_a_limit.rs"]
mod waits_with_a_limit;
