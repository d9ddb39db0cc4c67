//! `tenure`: PID lockfiles that recover themselves, for the shell, cron and the operator.
//!
//! Most verbs need what Unix alone has: the program of another system has fewer.

mod acquiring;
mod args;
mod break_;
#[cfg(unix)]
mod child;
#[cfg(unix)]
mod doctor;
#[cfg(unix)]
mod exec;
mod exit;
mod failure;
#[cfg(unix)]
mod flock;
#[cfg(unix)]
mod generate;
#[cfg(unix)]
mod group;
#[cfg(unix)]
mod guard;
mod headline;
mod kernel_holders;
#[cfg(unix)]
mod list;
mod output;
mod printable;
mod remedy;
#[cfg(unix)]
mod replacing;
mod report;
mod run;
mod sentence;
#[cfg(unix)]
mod signal;
mod status;
#[cfg(unix)]
mod stop;
#[cfg(unix)]
mod stopping;
mod style;
mod sys;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod terminal;
mod underneath;
mod unlock;
mod wait;
mod waiting;
mod watch;

use std::env;
use std::process::ExitCode;

use crate::args::{Args, Verb};
use crate::exit::Exit;

fn main() -> ExitCode {
    let line: Vec<_> = env::args_os().collect();
    #[cfg(unix)]
    let line = args::Flock::spelled_out(line);
    let args = match args::parse::<Args>(&line) {
        Ok(args) => args,
        Err(err) => {
            // Help and version go to standard output, and are no error.
            #[cfg(unix)]
            if let (true, Some(words)) = (err.use_stderr(), args::Flock::words(&line)) {
                return flock::misread(&err, words).into();
            }
            let _ = err.print();
            return if err.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let result = match args.verb {
        Verb::Run(run) => run::run(&run),
        #[cfg(unix)]
        Verb::Exec(exec) => exec::exec(&exec),
        Verb::Status(status) => status::status(&status),
        #[cfg(unix)]
        Verb::List(list) => list::list(&list),
        Verb::Watch(watch) => watch::watch(&watch),
        Verb::Wait(wait) => wait::wait(&wait),
        #[cfg(unix)]
        Verb::Stop(stop) => stop::stop(&stop),
        #[cfg(unix)]
        Verb::Signal(signal) => signal::signal(&signal),
        Verb::Unlock(unlock) => unlock::unlock(&unlock),
        Verb::Break(it) => break_::break_lock(&it),
        #[cfg(unix)]
        Verb::Doctor(doctor) => doctor::doctor(&doctor),
        #[cfg(unix)]
        Verb::Flock(flock) => Ok(flock::flock(&flock)),
        #[cfg(unix)]
        Verb::Generate(generate) => generate::generate(&generate),
    };
    result
        .unwrap_or_else(|failure| {
            failure::say(&failure);
            failure.exit
        })
        .into()
}
