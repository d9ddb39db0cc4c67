//! Words that a process has in common with all that it forks, where none is forked: its own.

use std::sync::atomic::AtomicU64;

/// As many as are plenty for the locks that one process holds.
static WORDS: [AtomicU64; 4096] = [const { AtomicU64::new(0) }; 4096];

/// The words of this process: zero at first.
#[expect(clippy::unnecessary_wraps, reason = "other platforms may have no memory for them")]
pub(crate) fn shared_words() -> Option<&'static [AtomicU64]> {
    Some(&WORDS)
}
