//! The last moment of a holder that dies.

use std::fs::File;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crate::backend::content::content;
use crate::probe;
use crate::record::Content;
use crate::sys;

/// For how long is waited at most: a process that is to close many files takes a while to end.
const MOMENT: Duration = Duration::from_millis(100);

/// Waits for the process of the record in `file` to end, if it is about to.
///
/// Between the kernel's taking back what a dying process has locked and the end of that process, it
/// is still alive for whoever judges the record: the first in the queue would be sent away.
pub(super) fn let_die(file: &File) {
    let Ok(Content::Record(record)) = content(file) else { return };
    let dying = probe::pid_here(&record).filter(|pid| sys::is_ending(*pid));
    if let Some(end) = dying.and_then(sys::exit_event) {
        // Whatever comes of it, the record will be judged.
        let _ = sys::poll(&[end.as_fd()], Some(Instant::now() + MOMENT));
    }
}
