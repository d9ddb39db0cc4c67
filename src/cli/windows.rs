// The program on Windows: without the verbs that need signals, or descriptors that a program inherits.

mod acquiring;
#[path = "sys/windows/args.rs"]
mod args;
mod break_;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod exit;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod failure;
#[path = "sys/windows/job.rs"]
mod job;
mod kernel_holders;
#[path = "sys/windows/listener.rs"]
mod listener;
mod output;
#[path = "sys/windows/own.rs"]
mod own;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod printable;
mod remedy;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod report;
#[path = "sys/windows/run.rs"]
mod run;
#[path = "sys/windows/shortage.rs"]
mod shortage;
mod status;
#[path = "sys/windows/stopping.rs"]
mod stopping;
#[allow(dead_code, reason = "the verbs of Unix have more to say")]
mod style;
mod underneath;
mod unlock;
mod wait;
#[path = "sys/windows/waiting.rs"]
mod waiting;
mod watch;

use std::process::ExitCode;

use crate::args::{Args, Verb};
use crate::exit::Exit;

fn main() -> ExitCode {
    let line: Vec<_> = std::env::args_os().collect();
    let args = match args::parse::<Args>(&line) {
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
        Verb::Watch(watch) => watch::watch(&watch),
        Verb::Wait(wait) => wait::wait(&wait),
        Verb::Unlock(unlock) => unlock::unlock(&unlock),
        Verb::Break(it) => break_::break_lock(&it),
    };
    result
        .unwrap_or_else(|failure| {
            failure::say(&failure);
            failure.exit
        })
        .into()
}
