//! A daemon in the old style: it forks twice, and its lockfile names the last of the three processes
//! before the first has exited.
//!
//! `cargo run --example daemonize -- /tmp/backupd.pid`; it ends when the file `/tmp/backupd.pid.stop`
//! appears. With systemd: `Type=forking`, `PIDFile=` and this.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example speaks by printing")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use daemonize::{Daemonize, Outcome};
use tenure::{Format, Lockfile};

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_else(|| "/tmp/backupd.pid".to_owned());
    // The daemon has another working directory.
    let path = match std::path::absolute(path) {
        Ok(path) => path,
        Err(err) => {
            eprintln!("{err}");
            return ExitCode::FAILURE;
        }
    };
    // The first line is the PID alone, which init systems read. Locked before the forks: that the
    // lock is busy is told here, on the terminal.
    let mut lock = Lockfile::new(path).format(Format::PidLine);
    if let Err(err) = lock.try_lock() {
        eprintln!("{err}");
        return ExitCode::FAILURE;
    }
    match daemonize(&mut lock) {
        Ok(Some(daemon)) => {
            println!("{daemon}");
            // What ends here is dropped, and does nothing: another process holds the lock.
            ExitCode::SUCCESS
        }
        Ok(None) => serve(lock),
        Err(err) => {
            eprintln!("{err}");
            ExitCode::FAILURE
        }
    }
}

/// Forks twice. Returns `None` in the daemon, once it is the holder, and in the first process what
/// the daemon has said then: its PID.
fn daemonize(lock: &mut Lockfile) -> Result<Option<String>, Box<dyn std::error::Error>> {
    let (mut told, mut tell) = UnixStream::pair()?;
    // A daemon that gives up rights (`Daemonize::user`) would do that itself, after it has rebound.
    match Daemonize::new().working_directory("/").execute() {
        Outcome::Parent(forked) => {
            forked?;
            drop(tell);
            let mut said = String::new();
            told.read_to_string(&mut said)?;
            match said.strip_prefix("ready ") {
                Some(daemon) => Ok(Some(daemon.to_owned())),
                None => Err(format!("the daemon has not started: {said}").into()),
            }
        }
        Outcome::Child(daemon) => {
            drop(told);
            daemon?;
            if let Err(err) = lock.rebind() {
                write!(tell, "{err}")?;
                return Err(err.into());
            }
            write!(tell, "ready {}", std::process::id())?;
            Ok(None)
        }
    }
}

/// Until somebody makes a file with `.stop` at the end of its name.
fn serve(mut lock: Lockfile) -> ExitCode {
    let mut stop = lock.path().as_os_str().to_owned();
    stop.push(".stop");
    let stop = PathBuf::from(stop);
    while lock.verify().is_ok() && File::open(&stop).is_err() {
        std::thread::park_timeout(Duration::from_millis(20));
    }
    if lock.unlock().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
