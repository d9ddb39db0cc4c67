//! Waiting for a lockfile outside of the kernel's queue: for events, to a deadline, or until it is
//! called off.
//!
//! Arm, look, wait: what tells of a change is set up *before* the look whose "busy" is believed, so
//! that no change is missed. What tells: inotify(7) of the file (somebody closed or removed it) and
//! a pidfd of the holder (it has ended). Of many who wait, one watches: see
//! [`Turnstile`](crate::sys::Turnstile). Looks that grow apart back all of this up: see [`Pace`].

mod pace;
mod senses;
mod telling;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use self::pace::Pace;
use self::senses::Senses;
pub(crate) use self::telling::Telling;
use crate::backend::Queue;
use crate::cancel::Cancel;
use crate::error::{Op, Result, failed};
use crate::holder::Holder;
use crate::outcome::{Busy, Patience};
use crate::sabotage::{self, Guard};
use crate::settings::OnWait;
use crate::sys::{self, AsFd, BorrowedFd, FileEvents};

/// Why a wait ends without the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The time is over.
    Late,
    /// It was called off.
    Cancelled,
}

/// One wait, from the first refusal to the end.
pub(crate) struct Vigil<'a> {
    began: Instant,
    deadline: Option<Instant>,
    cancel: Option<&'a Cancel>,
    telling: Telling,
    pace: Pace,
    /// From the second look on: many a wait is over by then.
    senses: Option<Senses>,
    /// What an earlier wait has kept for this one.
    spare: Option<FileEvents>,
    /// When the lock was found busy last.
    looked: Instant,
    /// When to look next, whatever happens.
    until: Option<Instant>,
}

impl<'a> Vigil<'a> {
    /// `limit`: for how long at most; `None`, or more than the clock can count, is for ever.
    pub(crate) fn new(
        limit: Option<Duration>,
        cancel: Option<&'a Cancel>,
        listener: Option<Arc<OnWait>>,
        spare: Option<FileEvents>,
    ) -> Self {
        let began = Instant::now();
        Self {
            began,
            deadline: limit.and_then(|limit| began.checked_add(limit)),
            cancel,
            telling: Telling::new(listener),
            pace: Pace::new(),
            senses: None,
            spare: spare.filter(FileEvents::is_own),
            looked: began,
            until: None,
        }
    }

    /// The wait of one who does not want the lock, and so is nobody's to be waited behind.
    pub(crate) fn apart(limit: Option<Duration>, listener: Option<Arc<OnWait>>) -> Self {
        Self { senses: Some(Senses::apart()), ..Self::new(limit, None, listener, None) }
    }

    /// Whether the wait is over, now that the lock was found busy. Tells the caller of the holder
    /// when it is time to.
    pub(crate) fn end(&mut self, holder: Option<&Holder>) -> Option<End> {
        self.looked = Instant::now();
        self.telling.tell(holder, self.looked - self.began);
        if self.cancel.is_some_and(Cancel::is_fired) {
            return Some(End::Cancelled);
        }
        // The last look is at the deadline itself, or later.
        let is_late = self.deadline.is_some_and(|deadline| deadline <= self.looked);
        is_late.then_some(End::Late)
    }

    /// How the wait may be left to the backend's `queue`, if that can do all that ends this wait, or
    /// interrupts it to tell the caller.
    pub(crate) fn patience(&self, queue: Queue) -> Patience {
        let until = [self.deadline, self.telling.due(self.began)].into_iter().flatten().min();
        let fits = match queue {
            Queue::None => false,
            Queue::Endless => until.is_none(),
            Queue::Timed => true,
        };
        // Who has been told of a holder is to be told of the next.
        let sees_enough = self.telling.is_idle() || until.is_some();
        if fits && sees_enough && self.cancel.is_none() {
            Patience::Queue(until)
        } else {
            Patience::None
        }
    }

    /// Arms what tells that the lockfile at `path` may be free, now that it was found `busy`;
    /// whether it has to be looked at again before a sleep.
    pub(crate) fn arm(&mut self, path: &Path, busy: &Busy) -> bool {
        let spare = &mut self.spare;
        let senses = self.senses.get_or_insert_with(|| Senses::of(path, spare.take()));
        if senses.arm(path, busy) && !sabotage::without(Guard::LookAgain) {
            return true;
        }
        self.pace.rely_on_events(senses.is_behind() || senses.is_reliable());
        if senses.is_behind() {
            self.pace.relax();
        }
        let next = self.looked.checked_add(self.pace.next());
        let times = [next, self.deadline, self.telling.due(self.began)];
        self.until = times.into_iter().flatten().min();
        false
    }

    /// Sleeps until there is reason to look. Never beyond the deadline.
    pub(crate) fn sleep(&mut self, path: &Path) -> Result<()> {
        let fds: Vec<_> = self.fds().collect();
        sys::poll(&fds, self.until).map_err(failed(Op::Wait, path))?;
        self.take();
        Ok(())
    }

    /// The same, while the thread serves other tasks. Dropping the future is no different from
    /// being woken.
    #[cfg(feature = "tokio")]
    pub(crate) async fn doze(&mut self, path: &Path) -> Result<()> {
        let alarm = {
            let fds: Vec<_> = self.fds().collect();
            sys::Alarm::set(&fds, self.until).map_err(failed(Op::Wait, path))?
        };
        alarm.wait().await.map_err(failed(Op::Wait, path))?;
        self.take();
        Ok(())
    }

    /// Begins again in a forked child, which has copies of what its parent watches with.
    pub(crate) fn restart(&mut self) {
        (self.senses, self.spare) = (None, None);
    }

    /// Lets the next watch, while this one waits in another way.
    pub(crate) fn pause(&mut self) {
        self.spare = self.leave();
    }

    /// Ends the wait, and lets the next watch; returns what is to be kept for another.
    pub(crate) fn leave(&mut self) -> Option<FileEvents> {
        self.senses.take().map_or_else(|| self.spare.take(), Senses::leave)
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let senses = self.senses.iter().flat_map(Senses::fds);
        senses.chain(self.cancel.map(AsFd::as_fd))
    }

    fn take(&mut self) {
        if self.senses.as_mut().is_some_and(Senses::take) {
            self.pace.quicken();
        }
    }
}
