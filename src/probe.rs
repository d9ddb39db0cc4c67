//! Looking at what a record claims, and judging it.
//!
//! Collects the evidence that a verdict on this record needs, and no more: a process is looked at
//! only where its PID can mean anything, a file system only where another boot wrote the record.

use std::fs::File;

use crate::identity::Identity;
use crate::record::{Content, Record};
use crate::sys;
use crate::verdict::{Boot, Evidence, KernelLock, Place, Process, Standpoint, Verdict, judge};

/// Judges `content`, found in `file` (`None`: not in a file, but in the target of a symbolic
/// link), while the lock of the named backend is as `kernel_lock` says.
pub(crate) fn verdict(
    content: &Content,
    file: Option<&File>,
    kernel_lock: KernelLock,
    backend: Option<&str>,
) -> Verdict {
    let identity = Identity::current();
    let here = &identity.here;
    let (process, place) = match content {
        // Once it is released, it does not matter who wrote it.
        Content::Record(record)
            if kernel_lock == KernelLock::Free && record.released_at.is_none() =>
        {
            (process(record, here), place(record, here, file))
        }
        _ => (Process::Unseen, Place::Shared),
    };
    judge(content, &Evidence { here, backend, kernel_lock, process, place })
}

fn process(record: &Record, here: &Standpoint) -> Process {
    let elsewhere = record.pid_namespace.is_some() && record.pid_namespace != here.pid_namespace;
    if Boot::of(record, here) == Boot::Other || elsewhere && here.pid_namespace.is_some() {
        return Process::Unseen;
    }
    match sys::process(record.pid) {
        Ok(None) => Process::Gone,
        Ok(Some(marks)) => {
            Process::Running { start_ticks: marks.start_ticks, pidfd_inode: marks.pidfd_inode }
        }
        Err(_) => Process::Unseen,
    }
}

fn place(record: &Record, here: &Standpoint, file: Option<&File>) -> Place {
    if Boot::of(record, here) == Boot::Same {
        return Place::Shared; // not asked: nothing depends on it
    }
    match file.map(sys::is_local) {
        Some(Ok(true)) => Place::Local,
        _ => Place::Shared,
    }
}
