//! What the holder says about itself beside the mutex, and how others read it meanwhile.
//!
//! ```text
//! word 0   turn (48 bits), length of the record in bytes (16 bits)
//! word 1   when the lock was acquired, in milliseconds since 1970
//! the rest the record, without that time and without a nonce
//! ```
//!
//! Only the holder writes, after it has taken the mutex, and it takes the record back, by a length
//! of 0, before it gives the mutex back. So a record that whoever has just taken the mutex finds
//! there is of one that did not release.
//!
//! The record does not change from one acquisition to the next, but for the time and the nonce: so
//! to write it is to copy it. The turn is the nonce, and is what readers tell by that nothing has
//! changed while they read.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::{Duration, SystemTime};

use crate::record::{Content, Record};
use crate::sys::BOARD_WORDS;

/// The longest record that there is room for. (One without a message is shorter.)
const ROOM: usize = (BOARD_WORDS - 2) * 8;
/// How often a reader begins again because something has changed meanwhile.
const TURNS: u32 = 100;

#[derive(Clone, Copy, Debug)]
pub(super) struct Board<'a>(pub(super) &'a [AtomicU64; BOARD_WORDS]);

impl Board<'_> {
    /// Whether a holder has written its record and not taken it back.
    pub(super) fn is_written(self) -> bool {
        length(self.0[0].load(Ordering::Relaxed)) > 0
    }

    /// Says who has the lock, since `now`. By the holder.
    pub(super) fn write(self, record: &[u8], now: SystemTime) {
        let turn = self.clear().wrapping_add(1);
        // Between the first word and the others a reader may look: it has to see the first change.
        fence(Ordering::Release);
        let millis = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        self.0[1].store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
        let record = &record[..record.len().min(ROOM)];
        for (word, bytes) in self.0[2..].iter().zip(record.chunks(8)) {
            let mut whole = [b' '; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(whole), Ordering::Relaxed);
        }
        self.0[0].store((turn << 16) | record.len() as u64, Ordering::Release);
    }

    /// Takes it back; returns the turn. By the holder.
    pub(super) fn clear(self) -> u64 {
        let turn = self.0[0].load(Ordering::Relaxed) >> 16;
        self.0[0].store(turn << 16, Ordering::Release);
        turn
    }

    /// What the holder has written, and what `look` saw between the moment when the writing was
    /// over and the moment when the record was taken back. `None` where there is no record, or
    /// what is there is none.
    pub(super) fn read<T>(self, look: impl Fn() -> T) -> (Option<Record>, T) {
        for _ in 0..TURNS {
            let first = self.0[0].load(Ordering::Acquire);
            let millis = self.0[1].load(Ordering::Relaxed);
            let length = length(first).min(ROOM);
            let mut bytes = Vec::with_capacity(length + 8);
            for word in &self.0[2..2 + length.div_ceil(8)] {
                bytes.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
            }
            let seen = look();
            fence(Ordering::Acquire);
            if self.0[0].load(Ordering::Relaxed) == first {
                bytes.truncate(length);
                return (record(&bytes, first >> 16, millis), seen);
            }
        }
        (None, look())
    }
}

fn length(word: u64) -> usize {
    let [low, high, ..] = word.to_le_bytes();
    usize::from(u16::from_le_bytes([low, high]))
}

/// Everybody who may write to the file may have written this: it is read like a lockfile.
fn record(bytes: &[u8], turn: u64, millis: u64) -> Option<Record> {
    let Content::Record(mut record) = Content::parse(bytes) else { return None };
    record.acquired_at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis));
    record.nonce = Some(format!("{turn:016x}"));
    Some(*record)
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
