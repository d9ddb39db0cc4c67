//! The command line: of each verb in a file of its own.

mod acquisition;
mod break_;
mod doctor;
mod environment;
mod exec;
mod flock;
mod format;
mod generate;
mod limit;
mod list;
mod run;
mod schedule;
mod signal;
mod signal_name;
mod status;
mod stop;
mod unlock;
mod wait;
mod wait_value;
mod watch;

use clap::{Parser, Subcommand};

use crate::exit;

pub(crate) use self::acquisition::Acquisition;
pub(crate) use self::break_::Break;
pub(crate) use self::doctor::Doctor;
pub(crate) use self::exec::Exec;
pub(crate) use self::flock::{Flock, integer};
pub(crate) use self::generate::{Generate, What};
pub(crate) use self::limit::Limit;
pub(crate) use self::list::List;
pub(crate) use self::run::{Lost, Run};
pub(crate) use self::schedule::{GRACE, Schedule, Step};
pub(crate) use self::signal::Signal;
pub(crate) use self::status::Status;
pub(crate) use self::stop::Stop;
pub(crate) use self::unlock::Unlock;
pub(crate) use self::wait::Wait;
pub(crate) use self::wait_value::parse;
pub(crate) use self::watch::Watch;

/// PID lockfiles that recover themselves.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true, after_help = help())]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

fn help() -> String {
    format!("{HELP}\n\n{}", exit::TABLE)
}

const HELP: &str = "\
`tenure VERB --help` has the details of each, and examples.

Environment:
  TENURE_WAIT, TENURE_ON_BUSY, TENURE_CONFLICT_EXIT_CODE, TENURE_MESSAGE, TENURE_FORMAT, \
TENURE_KILL_AFTER, TENURE_LOST
           what `run` and `exec` do where no option says otherwise, unless empty; the command
           inherits them
  NO_COLOR, CLICOLOR_FORCE
           no colours; colours also where standard output is no terminal";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run a command while holding a lockfile
    Run(Run),
    /// Become a command that holds a lockfile
    Exec(Exec),
    /// Tell who holds a lockfile, since when, and whether that is alive
    Status(Status),
    /// List the lockfiles of this machine, and who holds them
    List(List),
    /// Tell what becomes of lockfiles, a line for each change
    Watch(Watch),
    /// Wait until a lockfile is free or stale, without acquiring it
    Wait(Wait),
    /// Stop the holder of a lockfile, and wait for its end
    Stop(Stop),
    /// Send a signal to the holder of a lockfile
    Signal(Signal),
    /// Remove a lockfile whose holder is proven dead
    Unlock(Unlock),
    /// Remove the lockfile of an unproven holder that you know is dead
    Break(Break),
    /// Tell whether a lockfile can do its work where it lies, and what to do if not
    Doctor(Doctor),
    /// Lock a file as flock(1) does, for scripts that call that
    Flock(Flock),
    /// Completions for shells, and manual pages
    #[command(hide = true)]
    Generate(Generate),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }
}
