//! A thread that takes no signal.

use std::io;
use std::thread;

use nix::sys::signal::{SigSet, SigmaskHow};

/// Starts a thread in which every signal is blocked: those of the process go to the threads that
/// its author knows of, where they interrupt what they are meant to interrupt.
pub(crate) fn spawn_quietly(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // Before it starts, because it begins with the mask of this thread.
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(run);
    before.thread_set_mask()?;
    spawned.map(drop)
}
