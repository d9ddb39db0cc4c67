//! tenure beside what one would pick instead of it, in one run.
//!
//! ```console
//! $ cargo run --release --manifest-path benches/peers/Cargo.toml             # some minutes
//! $ cargo run --release --manifest-path benches/peers/Cargo.toml -- --quick  # less than one
//! $ cargo run --release --manifest-path benches/peers/Cargo.toml -- --only handover
//! ```
//!
//! prints Markdown, and draws `peers.svg` (`--svg PATH` puts it elsewhere; a part of the run, or a
//! quick one, draws only when told where). It measures on tmpfs (`/dev/shm`) and in the target
//! directory, or in `TENURE_BENCH_DIRS=/a:/b`; it builds the program `tenure`, or takes `TENURE_BIN`.
//!
//! # How to read it
//!
//! Numbers are ratios to *raw flock*, bare system calls on a file that stays, which is what a C
//! program would make; 1 is as good, and more is worse wherever the table does not say otherwise.
//! Both are measured in the same run, in turn, and the median over rounds is what is printed: the
//! machine cancels out as far as that is possible. std, fd-lock and named-lock make the system calls
//! of raw flock, and little else: how far they are from 1 where processes wait or contend is how
//! much of a number is chance. Times below the tables are of this machine.
//!
//! `?` is a ratio that would not be true: the baseline beside it was slower than elsewhere. What
//! slows flock for the whole machine does that, such as a program that reads `/proc/locks` again and
//! again. Hand-overs, contention and wake-ups have no such check, only the rows of std and fd-lock.
//! Measure on a machine that does nothing else.
//!
//! Raw flock is a floor, not a competitor. It does not say who holds, does not notice when its file
//! is removed, and does not judge what another program has left; what tenure costs beyond it is the
//! price of that. `cargo bench --bench cycle` divides by a baseline that does as much.
//!
//! # The peers
//!
//! Each is used as its documentation shows, and keeps its file open where it can. fslock is used
//! with PIDs. Those whose calls cannot wait, or not with a limit, have no row there: nothing is
//! wrapped around them. *`create_new` by hand* is the struct around `OpenOptions::create_new` that
//! everybody writes once. *simplelock* 0.4.1 builds only beside a crate that asks for serde's
//! `derive`, and its `unlock` does not: closing the file does.
//!
//! # Processes
//!
//! Whoever holds, waits or contends is a process of its own: this program, started again with
//! `--worker`. They are told what to do over pipes, and share clocks and counters in memory.

mod board;
mod chart;
mod effort;
mod introduction;
mod job;
mod lock;
mod measure;
mod options;
mod peer;
mod place;
mod report;
mod role;
mod statistics;
mod sys;
mod worker;

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use crate::introduction::introduction;
use crate::job::Job;
use crate::options::Options;
use crate::place::Place;
use crate::report::{print, progress};

fn main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    let result = match &args[..] {
        [worker, job @ ..] if worker == job::WORKER => work(job),
        _ => options::parse().map_err(Into::into).and_then(|options| match options {
            Some(options) => run(&options),
            None => Ok(print(&options::HELP)?),
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            progress(format_args!("tenure-peers: {err}"));
            ExitCode::FAILURE
        }
    }
}

fn work(args: &[OsString]) -> Result<(), Box<dyn Error>> {
    let job = Job::from_args(args)?;
    let name = job.peer.name();
    role::play(&job).map_err(|err| format!("worker of {name}: {err}").into())
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let places = Place::all()?;
    measure::prepare(&options.measurements)?;
    let mut panels = Vec::new();
    let mut failure = None;
    if cfg!(debug_assertions) {
        progress("not built with --release: the numbers mean nothing");
    }
    print(&introduction())?;
    for measurement in &options.measurements {
        // One that fails takes nothing from the others.
        match (measurement.run)(&places, &options.effort) {
            Ok(report) => {
                print(&report)?;
                panels.extend(report.panels);
            }
            Err(err) => {
                progress(format_args!("{}: {err}", measurement.name));
                failure = Some(format!("{} has failed", measurement.name));
            }
        }
    }
    if let Some(failure) = failure {
        return Err(failure.into());
    }
    if let Some(svg) = &options.svg {
        let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
        chart::draw(svg, &names, &panels)?;
        progress(format_args!("drawn: {}", svg.display()));
    }
    Ok(())
}
