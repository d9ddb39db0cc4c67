//! `tenure flock`: what flock(1) does, for whoever calls that.

mod command;
mod refusal;
mod target;
mod wait;

use std::io::{self, Write};
use std::time::Instant;

use nix::fcntl::OFlag;

use crate::args::Flock;
use crate::exit::Exit;
use crate::flock::command::Command;
use crate::flock::refusal::Refusal;
use crate::flock::target::Target;
use crate::flock::wait::{Ended, Limit};

pub(crate) use self::refusal::misread;

/// Locks, and runs the command. It says itself what there is to say.
pub(crate) fn flock(args: &Flock) -> Exit {
    run(args).unwrap_or_else(|refusal| {
        refusal.say();
        refusal.exit
    })
}

fn run(args: &Flock) -> Result<Exit, Refusal> {
    if args.no_fork && args.close {
        return Err(Refusal::usage("the --no-fork and --close options are incompatible"));
    }
    let (target, command) = match &args.words[..] {
        [number] => (Target::descriptor(number)?, None),
        [path, words @ ..] => (Target::path(path), Some(Command::new(words)?)),
        [] => unreachable!("clap requires a word"),
    };
    let file = target.open(OFlag::O_RDONLY)?;
    let limit = Limit::set(args)?;
    let began = Instant::now();
    let file = match wait::lock(args, &target, file, &limit)? {
        Ended::Locked(file) => file,
        ended => {
            if args.verbose {
                ended.say(&target);
            }
            return Ok(Exit::Busy(args.conflict_exit_code));
        }
    };
    drop(limit);
    if args.verbose {
        let took = began.elapsed();
        tell(&format!("getting lock took {}.{:06} seconds", took.as_secs(), took.subsec_micros()));
    }
    let Some(command) = command else { return Ok(Exit::Command(0)) };
    if args.verbose {
        tell(&format!("executing {}", command.name().display()));
    }
    command.run(&file, args.close, args.no_fork)
}

/// Tells people on standard output, before the command has its turn there.
fn tell(text: &str) {
    // The lock is had; that nobody reads of it is no reason not to go on.
    let _ = writeln!(io::stdout(), "flock: {text}");
}
