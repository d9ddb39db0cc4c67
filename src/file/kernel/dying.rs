//! The last moment of a holder that dies.

use std::time::{Duration, Instant};

use crate::probe;
use crate::record::Content;
use crate::sys::{self, AsFd};

/// For how long is waited at most: a process that is to close many files, or that seldom gets the
/// processor, takes a while to end.
const MOMENT: Duration = Duration::from_secs(1);

/// Waits for the process of the record, which was alive just now, to end, if it is about to; whether
/// it is to be judged again.
///
/// Between the kernel's taking back what a dying process has locked and the end of that process, it
/// is still alive for whoever judges the record: the first in the queue would be sent away.
pub(in crate::file) fn let_die(content: &Content) -> bool {
    let Content::Record(record) = content else { return false };
    let Some(pid) = probe::pid_here(record) else { return false };
    if !sys::is_ending(pid) {
        // Between the judgement and this question it may have come to its end.
        return !sys::exists(pid);
    }
    if let Some(end) = sys::exit_event(pid) {
        // Whatever comes of it, the record will be judged.
        let _ = sys::poll(&[end.as_fd()], Some(Instant::now() + MOMENT));
    }
    true
}
