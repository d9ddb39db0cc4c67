//! `tenure wait`: until nobody holds a lockfile, or until somebody does who is ready.

use tenure::Lockfile;

use crate::args::{self, Limit};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::waiting::Waiting;

pub(crate) fn wait(args: &args::Wait) -> Result<Exit, Failure> {
    let waiting =
        if args.ready { Waiting::for_a_holder(&args.lock) } else { Waiting::new(&args.lock) };
    let limit = match args.limit {
        Limit::Forever => None,
        Limit::AtMost(limit) => Some(limit),
    };
    let lock = Lockfile::new(&args.lock).on_wait(waiting.listener());
    let result =
        if args.ready { lock.wait_until_ready(limit) } else { lock.wait_until_free(limit) };
    waiting.end();
    result.map_err(|err| Failure::locking(&err, args.conflict_exit_code))?;
    Ok(Exit::Done)
}
