//! A service that tells its service manager, and everybody else, when it is ready.
//!
//! `cargo run --features systemd --example notify -- /tmp/echod.pid`, or by the unit
//! `examples/systemd/echod.service`. `tenure wait --ready /tmp/echod.pid` waits for it.
#![expect(clippy::print_stderr, reason = "an example speaks by printing")]

use std::process::ExitCode;

use nix::sys::signal::{SigSet, Signal};
use tenure::{Error, Format, Lockfile, Phase};

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/run/echod/echod.pid".to_owned());
    match serve(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{err}");
            ExitCode::from(if err.is_busy() { 75 } else { 1 })
        }
    }
}

fn serve(path: &str) -> Result<(), Error> {
    // Before there are threads, which inherit it: the signals are waited for, and interrupt nothing.
    let end: SigSet = [Signal::SIGTERM, Signal::SIGINT].into_iter().collect();
    end.thread_block().map_err(|err| failed(path, err))?;
    let mut lock = Lockfile::new(path)
        // What a PID file is to be for systemd, start-stop-daemon, monit and pgrep.
        .format(Format::PidLine)
        .message("loading")
        .phase(Phase::Starting)
        .notify_systemd(true);
    lock.try_lock()?;
    // … load, listen …
    lock.set_message("serving")?;
    lock.set_phase(Phase::Ready)?;
    // … serve …
    end.wait().map_err(|err| failed(path, err))?;
    lock.set_phase(Phase::Stopping)?;
    // … finish what was begun …
    lock.unlock()
}

fn failed(path: &str, err: nix::Error) -> Error {
    Error::Io { op: tenure::Op::Wait, path: path.into(), source: err.into() }
}
