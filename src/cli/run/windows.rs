//! That of Windows: in a job, which ends it with this process.

use std::process::Command;

use crate::acquiring::acquire;
use crate::args::Run;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::sentence::sentence;
use crate::sys::{Job, leave_keys_to_command};

pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let lock = acquire(&args.acquisition, args.keep_file, &args.command)?;
    let Some(mut lock) = lock else { return Ok(Exit::Skipped) };
    let job = Job::enter().map_err(|err| Failure::system("enter a job", err))?;
    // Without a console there are no keys.
    let _ = leave_keys_to_command();
    let (name, arguments) = args.command.split_first().expect("clap requires a command");
    let status = Command::new(name).args(arguments).status();
    // First of all: to close the job would be the end of this process as well.
    job.release().map_err(|err| Failure::system("leave the job", err))?;
    let status = status.map_err(|err| Failure::starting(name, &err))?;
    // The command has run; whether it ran alone is for people to find out.
    if let Err(err) = lock.unlock() {
        say(sentence(&err));
    }
    let code = status.code().unwrap_or(i32::from(u8::MAX));
    match u8::try_from(code) {
        Ok(code) => Ok(Exit::Command(code)),
        // Statuses have 32 bits here: that of a crash, say. Nothing is held any more.
        Err(_) => std::process::exit(code),
    }
}
