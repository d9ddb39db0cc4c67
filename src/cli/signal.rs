//! `tenure signal`: a signal for the holder of a lockfile.

use tenure::Lockfile;

use crate::args;
use crate::exit::Exit;
use crate::failure::{Failure, say};

pub(crate) fn signal(args: &args::Signal) -> Result<Exit, Failure> {
    let lock = Lockfile::new(&args.lock);
    let process = lock.holder_process().map_err(|err| Failure::signalling(&err))?;
    if let Some(process) = process {
        if process.signal(args.signal.0).map_err(|err| Failure::signalling(&err))? {
            return Ok(Exit::Done);
        }
    }
    say(format_args!("nobody holds {}", lock.path().display()));
    Ok(Exit::NobodyHolds)
}
