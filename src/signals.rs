//! The signals that end a process, and what is to be done before they do.
//!
//! In a handler next to nothing may be done (signal-safety(7)): it wakes a thread, which acts, and
//! then lets the signal do what it would have done. It is no atexit(3): if this thread waits for
//! one that never goes on, nothing is worse than without it but that the signal has no effect; and
//! it waits for nothing but a lock that is held for a few system calls.

use std::fmt::Debug;
use std::io;
use std::sync::{Mutex, PoisonError, Weak};

use crate::sys::{self, Generation};

/// Something to be done by a process that a signal is about to end.
pub(crate) trait LastAct: Debug + Send + Sync {
    fn act(&self);
}

/// What is to be done in this process.
static ACTS: Mutex<Option<Acts>> = Mutex::new(None);

struct Acts {
    process: Generation,
    acts: Vec<Weak<dyn LastAct>>,
}

/// Has `act` done before TERM, INT or HUP end this process, unless it is gone by then.
pub(crate) fn before_the_end(act: Weak<impl LastAct + 'static>) -> io::Result<()> {
    let process = Generation::current();
    let mut known = ACTS.lock().unwrap_or_else(PoisonError::into_inner);
    if known.as_ref().is_none_or(|known| known.process != process) {
        sys::before_ending_signals(act_all)?;
        *known = Some(Acts { process, acts: Vec::new() });
    }
    if let Some(known) = &mut *known {
        known.acts.retain(|act| act.strong_count() > 0);
        known.acts.push(act);
    }
    Ok(())
}

fn act_all() {
    let acts = ACTS.lock().unwrap_or_else(PoisonError::into_inner).take();
    for act in acts.iter().flat_map(|acts| &acts.acts).filter_map(Weak::upgrade) {
        act.act();
    }
}
