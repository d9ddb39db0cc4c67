//! The title to a lock, among a process and those that it forks.
//!
//! They share the open file description, and so the lock: what one of them releases is free for all
//! the world. So they have a word in common, which is changed by compare-and-swap:
//!
//! ```text
//!          take                       contest (a child wants to be the holder)
//! [acts] ◀──────▶ [quiet] ───────────────────────────▶ [contested]
//!   │    put back                                          │
//!   └──────────▶ [over] ◀──────────────────────────────────┘ end
//! ```
//!
//! While it is quiet, the process that acquired the lock has nobody to fear, and this is all that
//! it does about it. Once it is contested, the record says who holds, and `hands.rs` keeps those
//! apart who read and write it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::sys;

/// How often a child looks whether its parent is done with what it is just doing.
const LOOKS: u32 = 100;

/// Added to the number of a title that somebody contests, and of one whose holder acts.
const CONTESTED: u64 = 1;
const ACTS: u64 = 2;
/// From one number to the next; no number is zero.
const STEP: u64 = 4;

/// One acquisition, as all know it that were forked since. Copies mean the same.
#[derive(Clone, Copy, Debug)]
pub(in crate::file) struct Title {
    word: &'static AtomicU64,
    number: u64,
}

impl Title {
    /// A new one, of this process; `None` if it has a hundred thousand others, or no memory.
    pub(in crate::file) fn new() -> Option<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(STEP);
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let words = sys::shared_words()?;
        let number = NUMBER.fetch_add(STEP, Ordering::Relaxed);
        let is_ours = |word: &&AtomicU64| {
            word.load(Ordering::Relaxed) == 0
                && word.compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        };
        let first = NEXT.load(Ordering::Relaxed).min(words.len());
        let (before, from) = words.split_at(first);
        let place = from.iter().chain(before).position(|word| is_ours(&word))?;
        let place = (first + place) % words.len();
        // Where one is given back, the next is looked for; few are held at once.
        NEXT.store(place, Ordering::Relaxed);
        Some(Self { word: &words[place], number })
    }

    /// Begins to act, if nobody contests it.
    pub(in crate::file) fn take(self) -> bool {
        self.change(0, ACTS)
    }

    /// The same, once another thread of this process is done with what it is just doing.
    pub(in crate::file) fn take_in_turn(self) -> bool {
        for _ in 0..LOOKS {
            if self.take() {
                return true;
            }
            if self.word.load(Ordering::SeqCst) != self.number + ACTS {
                return false;
            }
            std::thread::yield_now();
        }
        false
    }

    /// Has done so.
    pub(in crate::file) fn put_back(self) {
        self.change(ACTS, 0);
    }

    /// From here on the record says who holds; `false` if the lock is not held any more, or is being
    /// released.
    pub(in crate::file) fn contest(self) -> bool {
        for _ in 0..LOOKS {
            if self.change(0, CONTESTED) || self.is_contested() {
                return true;
            }
            if self.word.load(Ordering::SeqCst) != self.number + ACTS {
                return false;
            }
            std::thread::yield_now();
        }
        false
    }

    pub(in crate::file) fn is_contested(self) -> bool {
        self.word.load(Ordering::SeqCst) == self.number + CONTESTED
    }

    /// The lock is released, or another's: the word may be used again. For the process that made it.
    pub(in crate::file) fn end(self) {
        let _ = [0, ACTS, CONTESTED].iter().any(|state| {
            let (now, free) = (self.number + state, 0);
            self.word.compare_exchange(now, free, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        });
    }

    fn change(self, from: u64, to: u64) -> bool {
        let (from, to) = (self.number + from, self.number + to);
        self.word.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_acts_is_not_contested_and_the_other_way_round() {
        let title = Title::new().unwrap();
        assert!(title.take());
        assert!(!title.take() && !title.contest());
        title.put_back();
        assert!(title.contest() && title.contest());
        assert!(!title.take());
        title.end();
        assert!(!title.take() && !title.contest());
    }

    #[test]
    fn a_title_that_is_over_is_not_the_next_one_in_its_place() {
        let old = Title::new().unwrap();
        old.end();
        // Another test may have been given the place before.
        let mut titles = Vec::new();
        while !titles.iter().any(|title: &Title| std::ptr::eq(title.word, old.word)) {
            titles.push(Title::new().unwrap());
        }
        assert!(!old.take() && !old.contest());
        old.end();
        assert!(titles.iter().all(|title| title.take()));
        for title in titles {
            title.end();
        }
    }
}
