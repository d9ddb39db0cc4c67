//! The command's process group, signalled for as long as it is the command's.

use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::sys;

/// Any thread may signal it. Its number is given up in the moment when the command is reaped, from
/// which on it may be another's: both happen under one lock.
#[derive(Debug)]
pub(crate) struct Group {
    state: Mutex<State>,
    ended: Condvar,
    /// How long it has after TERM.
    kill_after: Option<Duration>,
}

#[derive(Debug)]
struct State {
    /// `None` once the command has ended.
    id: Option<Pid>,
    /// Whether its end is near.
    doomed: bool,
}

impl Group {
    pub(crate) fn new(id: Pid, kill_after: Option<Duration>) -> Arc<Self> {
        let state = Mutex::new(State { id: Some(id), doomed: false });
        Arc::new(Self { state, ended: Condvar::new(), kill_after })
    }

    /// Sends `signal` to all of it.
    pub(crate) fn signal(self: &Arc<Self>, signal: Signal) {
        let mut state = self.state();
        let Some(id) = state.id else { return };
        // They may have ended in this instant: then there is nobody to send it to.
        let _ = killpg(id, signal);
        let Some(limit) = self.kill_after.filter(|_| signal == Signal::SIGTERM) else { return };
        if !state.doomed {
            let group = Arc::clone(self);
            // Where there can be no more threads, the next TERM tries again.
            state.doomed = Builder::new().spawn(move || group.kill_in(limit)).is_ok();
        }
    }

    /// Kills it in `limit`, unless it ends before.
    fn kill_in(&self, limit: Duration) {
        if let Some(id) = self.wait(limit).id {
            let _ = killpg(id, Signal::SIGKILL);
        }
    }

    /// Whether the command ends within `limit`.
    pub(crate) fn ends_within(&self, limit: Duration) -> bool {
        self.wait(limit).id.is_none()
    }

    /// Until the command has ended, or `limit` is over.
    fn wait(&self, limit: Duration) -> MutexGuard<'_, State> {
        let waited = self.ended.wait_timeout_while(self.state(), limit, |it| it.id.is_some());
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// How the command has ended, or what stopped it; `None` if nothing has happened.
    pub(crate) fn look(&self) -> nix::Result<Option<ExitStatus>> {
        let mut state = self.state();
        let Some(id) = state.id else { return Ok(None) };
        let status = sys::look(id)?;
        if status.is_some_and(sys::has_ended) {
            state.id = None;
            self.ended.notify_all();
        }
        Ok(status)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
