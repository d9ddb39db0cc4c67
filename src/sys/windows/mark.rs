//! Marks that those who use a lockfile put on it for each other, and that go with their deaths.
//!
//! Each kind of mark has a range of bytes. Who sets one locks a byte of its own there, which its
//! process and handle give; who asks tries to share all of the range, for an instant. So those who
//! ask are not taken for a mark by each other. A lock of one's own is in one's way as well, and is
//! let go of meanwhile.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;

use super::lock_range::Range;
use crate::sys::lock_mode::Mode;
use crate::sys::mark::Mark;

/// How many bytes a kind of mark has: for PIDs of 32 bits, and handles of 24.
const LENGTH: u64 = 1 << 56;
/// How often a mark is set anew that an asker was in the way of.
const TRIES: u32 = 1000;

impl Mark {
    fn all(self) -> Range {
        Range::new(self.start(), LENGTH)
    }

    fn start(self) -> u64 {
        (1 << 62) + (1 + self as u64) * LENGTH
    }

    /// The byte of who uses `file`; the first, where there can be but one.
    fn own(self, file: &File) -> Range {
        let handle = file.as_raw_handle().addr() as u64;
        let own = u64::from(std::process::id()) << 24 | (handle >> 2) & 0xFF_FFFF;
        Range::new(self.start() + if self == Self::Writes { 0 } else { own }, 1)
    }
}

/// Only this crate takes these locks: a lock that is shared without a mark is a reader's.
pub(crate) const TELLS_READERS: bool = false;

/// Whether users of this crate look for `mark` here.
pub(crate) fn has_mark(mark: Mark) -> bool {
    matches!(mark, Mark::Creates | Mark::Shares | Mark::Writes)
}

/// Sets `mark`, until [`unmark`] or the closing of `file`; whether it could be.
pub(crate) fn mark(file: &File, mark: Mark) -> io::Result<bool> {
    if !has_mark(mark) {
        return Ok(false);
    }
    let tries = if mark == Mark::Writes { 1 } else { TRIES };
    for _ in 0..tries {
        if mark.own(file).try_lock(file, Mode::Exclusive)? {
            return Ok(true);
        }
        // Nobody else has this byte, but for who asks.
        std::thread::yield_now();
    }
    Ok(false)
}

/// Nobody has to wait: no lock changes hands here.
pub(crate) fn wait_to_mark(_file: &File, _mark: Mark) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Takes `mark` off.
pub(crate) fn unmark(file: &File, mark: Mark) -> io::Result<()> {
    mark.own(file).unlock(file).map(drop)
}

/// Whether anybody has set `mark` but by way of `file`.
pub(crate) fn is_marked(file: &File, mark: Mark) -> io::Result<bool> {
    // Between this and setting it again, it is not seen: of those who share, a contender then thinks
    // that they read, and asks again.
    let own = mark.own(file).unlock(file)?;
    let free = mark.all().try_lock(file, Mode::Shared)?;
    if free {
        mark.all().unlock(file)?;
    }
    if own {
        self::mark(file, mark)?;
    }
    Ok(!free)
}
