// The program on Unix.

mod acquiring;
mod args;
mod break_;
mod child;
mod doctor;
mod exec;
mod exit;
mod failure;
mod flock;
mod generate;
mod group;
mod guard;
mod kernel_holders;
mod list;
mod listener;
mod output;
mod own;
mod printable;
mod remedy;
mod report;
mod run;
mod shortage;
mod signal;
mod status;
mod stop;
mod stopping;
mod style;
mod sys;
mod table;
mod terminal;
mod underneath;
mod unlock;
mod wait;
mod waiting;
mod watch;

use std::process::ExitCode;

use crate::args::{Args, Flock, Verb};
use crate::exit::Exit;
use crate::failure::Failure;

fn main() -> ExitCode {
    let line = Flock::spelled_out(std::env::args_os());
    let args = match args::parse::<Args>(&line) {
        Ok(args) => args,
        Err(err) => {
            // Help and version go to standard output, and are no error.
            if let (true, Some(words)) = (err.use_stderr(), Flock::words(&line)) {
                return flock::misread(&err, words).into();
            }
            let _ = err.print();
            return if err.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let result = match args.verb {
        Verb::Run(run) => run::run(&run),
        Verb::Exec(exec) => exec::exec(&exec),
        Verb::Status(status) => status::status(&status),
        Verb::List(list) => list::list(&list),
        Verb::Watch(watch) => watch::watch(&watch),
        Verb::Wait(wait) => wait::wait(&wait),
        Verb::Stop(stop) => stop::stop(&stop),
        Verb::Signal(signal) => signal::signal(&signal),
        Verb::Unlock(unlock) => unlock::unlock(&unlock),
        Verb::Break(it) => break_::break_lock(&it),
        Verb::Doctor(doctor) => doctor::doctor(&doctor),
        Verb::Flock(flock) => Ok(flock::flock(&flock)),
        Verb::Generate(generate) => generate::generate(&generate),
    };
    result
        .unwrap_or_else(|failure: Failure| {
            failure::say(&failure);
            failure.exit
        })
        .into()
}
