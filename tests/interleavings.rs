//! Every interleaving, on the real kernel.
//!
//! Two or three real processes run the real library under ptrace, and stop before each system call
//! that touches the lockfile, its directory or a lock. The explorer moves them from stop to stop in
//! every order, up to a bound on preemptions (how often a process is interrupted that could go
//! on), and kills one of them at every stop. At every moment no two may be inside, and
//! whoever is inside has a lockfile that names it; in the end a fresh contender gets the lock, and
//! nothing is left.
//!
//! A schedule that breaks a rule is told in one line. To see it step by step:
//!
//! ```text
//! TENURE_SCHEDULE=two_recover_a_stale_record:aaabbB cargo test --test interleavings
//! ```
//!
//! `TENURE_EXPLORE=full` raises the bounds, and `alive` leaves the kills out. The protocols in
//! `naive` have known bugs, and the library can be built without its guards: there the explorer has
//! to find what goes wrong.
#![allow(unreachable_pub, reason = "one program of many modules")]

use std::process::ExitCode;

/// Linux alone has seccomp, and ptrace that stops at what it picks.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[path = "interleavings/explorer.rs"]
mod explorer;

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod explorer {
    pub fn main() -> super::ExitCode {
        super::ExitCode::SUCCESS
    }
}

fn main() -> ExitCode {
    explorer::main()
}
