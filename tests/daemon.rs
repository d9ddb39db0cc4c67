//! A daemon's whole life with its lock.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "daemon/ending.rs"]
mod ending;
#[path = "daemon/example.rs"]
mod example;
#[path = "daemon/inheriting.rs"]
mod inheriting;
#[path = "daemon/kernel_holders.rs"]
mod kernel_holders;
#[path = "daemon/rebinding.rs"]
mod rebinding;
#[path = "daemon/sending.rs"]
mod sending;
mod support;
