//! Reads who holds a lockfile, of this crate or of another program, for diagnosis.
//!
//! `cargo run --example who_holds -- /run/crond.pid`
#![expect(clippy::print_stdout, reason = "an example speaks by printing")]

use tenure::{Error, Lockfile, State};

fn main() -> Result<(), Error> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/run/crond.pid".to_owned());
    let status = Lockfile::new(path).status()?;
    // Everything that is printed here escapes what the lockfile says: it is untrusted text.
    println!("{}: {status}", status.path().display());
    if let Some(verdict) = status.verdict() {
        println!("verdict: {verdict}");
    }
    if let (State::Held, Some(holder)) = (status.state(), status.holder()) {
        if let Some(process) = holder.process() {
            let user = process.user.unwrap_or_default();
            let seconds = process.uptime.as_secs();
            println!("process: {:?} of user {user:?} for {seconds}s", process.program);
        }
    }
    Ok(())
}
