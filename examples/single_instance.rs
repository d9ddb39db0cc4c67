//! A daemon that must be the only one.
//!
//! `cargo run --example single_instance -- /tmp/echod.pid`, twice: the second says who is first.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example speaks by printing")]

use std::io::{self, Read};
use std::process::ExitCode;

use tenure::{Error, Lockfile};

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/tmp/echod.pid".to_owned());
    // Acquire after daemonizing: the record has the PID of the process that acquires.
    let mut lock = Lockfile::new(path).message("starting");
    match lock.try_lock() {
        Ok(()) => {}
        // Contention is an outcome, and carries evidence.
        Err(err @ Error::Busy { .. }) => {
            eprintln!("{err}");
            return ExitCode::from(75);
        }
        Err(err) => {
            eprintln!("cannot tell whether I am the only one: {err}");
            return ExitCode::FAILURE;
        }
    }
    if let Some(dead) = lock.recovered_from() {
        eprintln!("the last one did not end well: {dead} ({})", dead.verdict());
    }
    match serve(&mut lock) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{err}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until the end of standard input.
fn serve(lock: &mut Lockfile) -> Result<(), Error> {
    lock.set_message("serving")?;
    println!("serving; end me with Ctrl-D");
    let _ = io::stdin().read_to_end(&mut Vec::new());
    // Dropping releases as well, but does not say if the lockfile was removed meanwhile.
    lock.unlock()
}
