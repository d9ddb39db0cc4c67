//! A service that does one piece of work at a time, on whichever of its processes comes first.
//!
//! `cargo run --example service -- /tmp/ledger.lock`, in several terminals at once.
#![expect(clippy::print_stdout, reason = "an example speaks by printing")]

use std::time::Duration;

use tenure::{Error, Lockfile};

fn main() -> Result<(), Error> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/tmp/ledger.lock".to_owned());
    // A lock that is taken often is kept: that is faster, and those who wait keep their order.
    let mut lock = Lockfile::new(path).keep_file(true).message("posting");

    // Do it if nobody else does.
    match lock.try_lock() {
        Ok(()) => {
            println!("posted {}", post(1));
            lock.unlock()?;
        }
        Err(Error::Busy { holder, .. }) => match holder {
            Some(holder) => println!("left to {holder}"),
            None => println!("left to somebody who has just begun"),
        },
        Err(err) => return Err(err),
    }

    // Do it in any case, but do not wait for ever.
    lock.lock_timeout(Duration::from_secs(10))?;
    println!("posted {}", post(2));
    lock.unlock()?;

    // The same as a critical section, which also ends when the work panics.
    let posted = lock.with(|| post(3))?;
    println!("posted {posted}");
    Ok(())
}

fn post(entries: u32) -> String {
    format!("{entries} entries")
}
