//! A thread that takes no signal: there are none to take.

use std::io;
use std::thread;

/// Starts a thread.
pub(crate) fn spawn_quietly(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}
