//! How long to the next look, when nothing happens.

use std::time::Duration;

use crate::nonce;

/// The first time between two looks.
const FIRST: Duration = Duration::from_micros(50);

/// The longest, where events tell of all but the rarest: a holder that unlocks a file and goes on
/// having it open, a mount over the path, a stopped process at the front of the turnstile.
const BACKUP: Duration = Duration::from_secs(1);

/// The longest, where an event can happen on another host, and nobody here is told.
const BLIND: Duration = Duration::from_millis(50);

/// Looks grow apart, by a factor of two from one to the next.
///
/// After an event they begin anew: the kernel tells that a file is closed *before* it takes the
/// lock off it (`__fput` in the kernel's `fs/file_table.c`), so that whoever is woken may come too early. The next
/// look comes at most as much later as the first was too early, whatever was in between.
#[derive(Debug)]
pub(crate) struct Pace {
    step: Duration,
    longest: Duration,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { step: FIRST, longest: BLIND }
    }

    /// Whether events will tell.
    pub(crate) fn rely_on_events(&mut self, rely: bool) {
        self.longest = if rely { BACKUP } else { BLIND };
    }

    /// Something has happened.
    pub(crate) fn quicken(&mut self) {
        self.step = FIRST;
    }

    /// Somebody else watches, and nothing has happened to us.
    pub(crate) fn relax(&mut self) {
        self.step = BACKUP;
    }

    /// The time to the next look.
    pub(crate) fn next(&mut self) -> Duration {
        let step = self.step.min(self.longest);
        self.step = (step * 2).min(self.longest);
        if step < self.longest {
            return step;
        }
        // Three quarters to five quarters of it, so that many who began together do not look
        // together for ever.
        let [byte, ..] = nonce::random().to_le_bytes();
        step * (192 + u32::from(byte) / 2) / 256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_apart_and_an_event_brings_them_together() {
        let mut pace = Pace::new();
        pace.rely_on_events(true);
        let steps: Vec<_> = (0..12).map(|_| pace.next()).collect();
        assert_eq!(steps[0], FIRST);
        assert!(steps.windows(2).all(|pair| pair[0] * 2 == pair[1]), "{steps:?}");
        pace.quicken();
        assert_eq!(pace.next(), FIRST);
    }

    #[test]
    fn without_events_the_longest_is_short() {
        let mut pace = Pace::new();
        let longest = (0..100).map(|_| pace.next()).max();
        assert!(longest < Some(BLIND * 5 / 4) && longest > Some(BLIND * 3 / 4), "{longest:?}");
        pace.rely_on_events(true);
        assert!((0..100).map(|_| pace.next()).max() > Some(BACKUP * 3 / 4));
    }
}
