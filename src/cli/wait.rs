//! `tenure wait`: until nobody holds a lockfile.

use tenure::Lockfile;

use crate::args::{self, Limit};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::waiting::Waiting;

pub(crate) fn wait(args: &args::Wait) -> Result<Exit, Failure> {
    let waiting = Waiting::new(&args.lock);
    let limit = match args.limit {
        Limit::Forever => None,
        Limit::AtMost(limit) => Some(limit),
    };
    let lock = Lockfile::new(&args.lock).on_wait(waiting.listener());
    let result = lock.wait_until_free(limit);
    waiting.end();
    result.map_err(|err| Failure::locking(&err, args.conflict_exit_code))?;
    Ok(Exit::Done)
}
