//! How long to the next look, when nothing happens.

use std::time::Duration;

/// The time between two looks where no event can be relied on.
const BLIND: Duration = Duration::from_secs(1);

/// Some looks after each event, and then none; or one in a second.
///
/// The kernel tells that a file is closed *before* it takes the lock off it (`__fput` in the
/// kernel's `fs/file_table.c`), so that whoever looks at once may come too early.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The looks since the last event.
    looks: u32,
}

impl Pace {
    /// From an event to the first look.
    pub(super) const MOMENT: Duration = Duration::from_millis(1);

    /// How many looks follow the first, if nothing happens.
    pub(super) const LOOKS: u32 = 3;

    /// Something has happened.
    pub(super) fn quicken(&mut self) {
        self.looks = 0;
    }

    /// The time to the next look, `None` for none, if events tell of all that happens.
    pub(super) fn next(&mut self, events_tell: bool) -> Option<Duration> {
        if self.looks >= Self::LOOKS {
            return (!events_tell).then_some(BLIND);
        }
        self.looks += 1;
        Some(Self::MOMENT * 8_u32.pow(self.looks - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_some_looks_after_an_event_and_then_none() {
        let mut pace = Pace::default();
        let looks = |pace: &mut Pace| std::iter::from_fn(|| pace.next(true)).count();
        assert_eq!(looks(&mut pace), 3);
        assert_eq!(looks(&mut pace), 0);
        pace.quicken();
        assert_eq!(looks(&mut pace), 3);
    }

    #[test]
    fn where_no_event_can_be_relied_on_there_is_one_in_a_second() {
        let mut pace = Pace::default();
        for _ in 0..3 {
            assert!(pace.next(false) < Some(BLIND));
        }
        assert_eq!((pace.next(false), pace.next(false)), (Some(BLIND), Some(BLIND)));
    }
}
