// The program on Windows, which runs commands and tells who holds a lockfile.

mod acquiring;
#[path = "sys/windows/args.rs"]
mod args;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod exit;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod failure;
#[path = "sys/windows/job.rs"]
mod job;
mod kernel_holders;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod printable;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod report;
#[path = "sys/windows/run.rs"]
mod run;
mod status;
#[path = "sys/windows/stopping.rs"]
mod stopping;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod style;
#[path = "sys/windows/waiting.rs"]
mod waiting;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Verb};
use crate::exit::Exit;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(err) => {
            // Help and version go to standard output, and are no error.
            let _ = err.print();
            return if err.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let result = match args.verb {
        Verb::Run(run) => run::run(&run),
        Verb::Status(status) => status::status(&status),
    };
    result
        .unwrap_or_else(|failure| {
            failure::say(&failure);
            failure.exit
        })
        .into()
}
