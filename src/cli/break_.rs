//! `tenure break`: the lockfile of a holder that an operator declares dead, removed.

use crate::args;
use crate::exit::Exit;
use crate::failure::{Failure, say};
use crate::{remedy, underneath};

pub(crate) fn break_lock(args: &args::Break) -> Result<Exit, Failure> {
    let (lock, _) = underneath::lockfile(&args.lock)?;
    let path = lock.path().display();
    match lock.break_unproven(&args.nonce) {
        Ok(Some(holder)) if holder.claim().is_some() => {
            say(format_args!(
                "{path} is no longer to be removed by {holder}; {}",
                holder.verdict()
            ));
            Ok(Exit::Done)
        }
        Ok(Some(holder)) => {
            say(format_args!("removed {path}, which was locked by {holder}; {}", holder.verdict()));
            Ok(Exit::Done)
        }
        Ok(None) => {
            say(format_args!("there is nothing to remove at {path}"));
            Ok(Exit::NobodyHolds)
        }
        Err(err) => Err(Failure::removing(&err, remedy::of_breaking(&err, &lock))),
    }
}
