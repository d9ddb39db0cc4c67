//! The checks of `tenure::conformance` bite: each broken backend fails those that are meant for it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "whoever cannot go on has failed")]

#[path = "twins/admitting.rs"]
mod admitting;
#[path = "twins/holding.rs"]
mod holding;
#[path = "twins/seeing.rs"]
mod seeing;

use std::env;
use std::process::{Command, ExitCode};

use tenure::conformance::{self, Candidate};

/// Set where this program is the one that checks the twins.
const CHECKING: &str = "TENURE_TEST_TWINS";

/// What has to fail, each time.
const FAULTS: [&str; 18] = [
    "admits everybody: one_is_admitted_to_a_file",
    "admits everybody: one_process_is_admitted_to_a_file",
    "admits everybody: a_forked_copy_is_inert",
    "shares with everybody: many_share",
    "shares with everybody: one_alone_keeps_out_those_who_share",
    "frees nothing: one_is_admitted_to_a_file",
    "frees nothing: another_thread_may_release",
    "frees nothing: a_limit_ends_a_wait",
    "frees nothing: a_fork_does_not_prolong_the_lock",
    "frees when the file is closed: one_is_admitted_to_a_file",
    "frees when the file is closed: one_process_is_admitted_to_a_file",
    "frees when the file is closed: a_fork_does_not_prolong_the_lock",
    "frees when a child drops it: a_forked_copy_is_inert",
    "outlives its holder: death_frees_the_lock_itself",
    "outlives its holder: a_dead_holder_is_recovered",
    "locks to look: a_look_refuses_nobody",
    "locks to look: readers_make_nobody_busy",
    "fails when interrupted: signals_end_no_wait",
];

fn main() -> ExitCode {
    if env::var_os(CHECKING).is_some() {
        return conformance::main(&[
            Candidate::new("admits everybody", |_| admitting::Everybody),
            Candidate::new("shares with everybody", |_| admitting::Sharer),
            Candidate::new("frees nothing", |_| holding::Keeper::default()),
            Candidate::new("frees when the file is closed", |_| holding::Closer),
            Candidate::new("frees when a child drops it", |_| holding::Dropper::default()),
            Candidate::new("outlives its holder", |_| holding::Survivor),
            Candidate::new("locks to look", |_| seeing::Locker),
            Candidate::new("fails when interrupted", |_| seeing::Starter),
        ]);
    }
    if env::args().any(|argument| argument == "--list") {
        println!("twins: test");
        return ExitCode::SUCCESS;
    }
    let output = Command::new(env::current_exe().unwrap())
        .arg("--exact")
        .args(FAULTS)
        .env(CHECKING, "")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = |fault: &&str| said.contains(&format!("test {fault} ... FAILED\n"));
    let unnoticed: Vec<_> = FAULTS.iter().filter(|fault| !failed(fault)).collect();
    if unnoticed.is_empty() && output.status.code() == Some(101) {
        println!("test twins ... ok");
        return ExitCode::SUCCESS;
    }
    println!("test twins ... FAILED\nnot noticed: {unnoticed:#?}\n{said}");
    ExitCode::from(101)
}
