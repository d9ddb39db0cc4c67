//! The signals that end or stop whoever waits, taken so that the terminal can be tidied first.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, raise};
use nix::unistd::getpid;

/// What ends us and, with Ctrl-Z, what stops us.
const TAKEN: [Signal; 5] =
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGTSTP];

/// What we send ourselves at the end: it does nothing to a process that runs.
const WAKE: Signal = Signal::SIGCONT;

/// As long as this lives, signals go to a function.
///
/// They are blocked, in this thread and in those that it starts meanwhile, for one thread to wait
/// for. Those that the function was not told of do what they always do, once this is dropped.
#[must_use]
pub(super) struct Taken {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    mask: SigSet,
}

impl Taken {
    /// Calls `act` with each signal, on a thread of its own. To be dropped by the thread that
    /// calls this, which has to be the only one.
    pub(super) fn take(act: impl Fn(Signal) + Send + 'static) -> io::Result<Self> {
        let mut signals = SigSet::from(WAKE);
        signals.extend(TAKEN);
        let mask = signals.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let mut taken = Self { over: Arc::default(), thread: None, mask };
        let over = Arc::clone(&taken.over);
        taken.thread = Some(Builder::new().spawn(move || {
            while !over.load(Ordering::Acquire) {
                match signals.wait() {
                    Ok(signal) if signal != WAKE => act(signal),
                    _ => {}
                }
            }
        })?);
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.over.store(true, Ordering::Release);
            let _ = kill(getpid(), WAKE);
            let _ = thread.join();
        }
        let _ = self.mask.thread_set_mask();
    }
}

/// Does what `signal` would have done, had it not been taken: this process ends, or stops until it
/// is continued; or nothing happens, if the process ignores it.
pub(super) fn obey(signal: Signal) {
    let only = SigSet::from(signal);
    let _ = only.thread_unblock();
    let _ = raise(signal);
    let _ = only.thread_block();
}
