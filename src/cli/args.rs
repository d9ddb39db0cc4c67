//! The command line: of each verb in a file of its own.

mod acquisition;
mod break_;
#[cfg(unix)]
mod doctor;
mod environment;
#[cfg(unix)]
mod exec;
#[cfg(unix)]
mod flock;
mod format;
#[cfg(unix)]
mod generate;
mod limit;
#[cfg(unix)]
mod list;
mod run;
#[cfg(unix)]
mod schedule;
#[cfg(unix)]
mod signal;
#[cfg(unix)]
mod signal_name;
mod status;
#[cfg(unix)]
mod stop;
mod unlock;
mod wait;
mod wait_value;
mod watch;

use clap::{Parser, Subcommand};

pub(crate) use self::acquisition::Acquisition;
pub(crate) use self::break_::Break;
#[cfg(unix)]
pub(crate) use self::doctor::Doctor;
#[cfg(unix)]
pub(crate) use self::exec::Exec;
#[cfg(unix)]
pub(crate) use self::flock::{Flock, integer};
#[cfg(unix)]
pub(crate) use self::generate::{Generate, What};
pub(crate) use self::limit::Limit;
#[cfg(unix)]
pub(crate) use self::list::List;
#[cfg(unix)]
pub(crate) use self::run::Lost;
pub(crate) use self::run::Run;
#[cfg(unix)]
pub(crate) use self::schedule::{GRACE, Schedule, Step};
#[cfg(unix)]
pub(crate) use self::signal::Signal;
pub(crate) use self::status::Status;
#[cfg(unix)]
pub(crate) use self::stop::Stop;
pub(crate) use self::unlock::Unlock;
pub(crate) use self::wait::Wait;
pub(crate) use self::wait_value::parse;
pub(crate) use self::watch::Watch;

/// PID lockfiles that recover themselves.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
#[cfg_attr(unix, command(after_help = help()))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[cfg(unix)]
fn help() -> String {
    format!("{HELP}\n\n{}", crate::exit::TABLE)
}

#[cfg(unix)]
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
    #[cfg(unix)]
    Exec(Exec),
    /// Tell who holds a lockfile, since when, and whether that is alive
    Status(Status),
    /// List the lockfiles of this machine, and who holds them
    #[cfg(unix)]
    List(List),
    /// Tell what becomes of lockfiles, a line for each change
    Watch(Watch),
    /// Wait until a lockfile is free or stale, without acquiring it
    Wait(Wait),
    /// Stop the holder of a lockfile, and wait for its end
    #[cfg(unix)]
    Stop(Stop),
    /// Send a signal to the holder of a lockfile
    #[cfg(unix)]
    Signal(Signal),
    /// Remove a lockfile whose holder is proven dead
    Unlock(Unlock),
    /// Remove the lockfile of an unproven holder that you know is dead
    Break(Break),
    /// Tell whether a lockfile can do its work where it lies, and what to do if not
    #[cfg(unix)]
    Doctor(Doctor),
    /// Lock a file as flock(1) does, for scripts that call that
    #[cfg(unix)]
    Flock(Flock),
    /// Completions for shells, and manual pages
    #[cfg(unix)]
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
