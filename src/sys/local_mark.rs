//! Marks on a lockfile, where marks are good.

use std::fs::File;

use super::locality::is_surely_local;
use super::mark::Mark;
use super::platform::{has_mark, mark as set, unmark};

/// Sets `mark` on `file` if it lies where marks are good. Without it, nothing breaks.
pub(crate) fn say(file: &File, mark: Mark) {
    // "I have it open" is no lock, and good everywhere.
    if has_mark(mark) && (mark == Mark::Opens || is_surely_local(file)) {
        let _ = set(file, mark);
    }
}

/// Takes `marks` off `file`, as far as they were set there.
pub(crate) fn take_back(file: &File, marks: &[Mark]) {
    let marks = marks.iter().filter(|mark| has_mark(**mark));
    if is_surely_local(file) {
        for mark in marks {
            let _ = unmark(file, *mark);
        }
    }
}
