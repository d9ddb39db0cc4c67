//! Waiting for a lock that has no queue, or with a deadline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::holder::Holder;
use crate::settings::OnWait;

/// The first and the longest time between two looks. Looks grow apart from one to the other, so
/// that a short wait ends soon and a long one costs little.
const FIRST: Duration = Duration::from_micros(50);
const LONGEST: Duration = Duration::from_millis(25);

/// How long waiting lasts before the caller is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whom the caller was told of last.
#[derive(PartialEq)]
enum Told {
    Nobody,
    /// A holder by PID and nonce, or one that is not known.
    Of(Option<(u32, Option<String>)>),
}

/// One wait, from the first refusal to the end.
pub(crate) struct Wait {
    began: Instant,
    deadline: Option<Instant>,
    step: Duration,
    longest: Duration,
    listener: Option<Arc<OnWait>>,
    told: Told,
}

impl Wait {
    /// `limit`: for how long at most; `None`, or more than the clock can count, is for ever.
    pub(crate) fn new(limit: Option<Duration>, listener: Option<Arc<OnWait>>) -> Self {
        let began = Instant::now();
        let deadline = limit.and_then(|limit| began.checked_add(limit));
        Self { began, deadline, step: FIRST, longest: LONGEST, listener, told: Told::Nobody }
    }

    /// A wait for something that is over at once, if nothing is wrong.
    pub(crate) fn brief(limit: Duration) -> Self {
        Self { longest: FIRST, ..Self::new(Some(limit), None) }
    }

    /// Whether the wait may be left to the backend's queue, where nothing ends it but the lock.
    pub(crate) fn may_queue(&self) -> bool {
        self.deadline.is_none() && self.listener.is_none()
    }

    /// Pauses until the next look is due; `false` when the time is over. Never sleeps beyond the
    /// deadline: the last look is at the deadline itself.
    pub(crate) fn pause(&mut self, holder: Option<&Holder>) -> bool {
        let now = Instant::now();
        self.tell(holder, now);
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(now));
        if left == Some(Duration::ZERO) {
            return false;
        }
        let step = left.map_or(self.step, |left| left.min(self.step));
        self.step = (self.step * 2).min(self.longest);
        sleep(step);
        true
    }

    /// Tells the caller whom it waits for: once a second has passed, and when the holder changes.
    fn tell(&mut self, holder: Option<&Holder>, now: Instant) {
        let (Some(listener), waited) = (&self.listener, now - self.began) else { return };
        let whom = holder.map(|holder| (holder.pid(), holder.record().nonce.clone()));
        if waited >= PATIENCE && self.told != Told::Of(whom.clone()) {
            listener(holder, waited);
            self.told = Told::Of(whom);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place: a holder without a kernel lock, or a \
    deadline, leaves nothing to wait for but the clock"
)]
fn sleep(step: Duration) {
    std::thread::sleep(step);
}
