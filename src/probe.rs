//! Looking at what a record claims, and judging it.
//!
//! Collects the evidence that a verdict on this record needs, and no more: a process is looked at
//! only where its PID can mean anything, a file system only where another boot wrote the record.

mod several;

use std::borrow::Cow;
use std::fs::File;
use std::time::Duration;

use crate::backend::{Primitive, Scope};
use crate::diagnosis;
use crate::identity::Identity;
use crate::record::{Content, Record};
use crate::sys;
use crate::verdict::{
    Boot, Evidence, KernelLock, Place, Process, Reach, Standpoint, Verdict, judge,
};

/// How much older a file has to be than a process, so that it counts as older: start times are whole
/// seconds, and file systems round.
const MARGIN: Duration = Duration::from_secs(2);

/// Judges `content`, found in `file` (`None`: not in a file, but in the target of a symbolic
/// link), while the lock `primitive` is as `kernel_lock` says.
///
/// If it names several PIDs, one that may be a holder is enough.
pub(crate) fn verdict(
    content: &Content,
    file: Option<&File>,
    kernel_lock: KernelLock,
    primitive: Primitive<'_>,
) -> Verdict {
    let judge = |content: &Content| verdict_on_one(content, file, kernel_lock, primitive);
    let Content::Record(record) = content else { return judge(content) };
    if kernel_lock == KernelLock::Held {
        return judge(content);
    }
    let (record, others) = several::readings(record, sys::pid_max);
    let first = match record {
        Cow::Borrowed(_) => judge(content),
        Cow::Owned(record) => judge(&Content::Record(Box::new(record))),
    };
    others.into_iter().fold(first, |verdict, other| match verdict {
        Verdict::Live => verdict,
        verdict => verdict.and(judge(&Content::Record(Box::new(other)))),
    })
}

/// Judges what names one PID, or none.
fn verdict_on_one(
    content: &Content,
    file: Option<&File>,
    kernel_lock: KernelLock,
    primitive: Primitive<'_>,
) -> Verdict {
    let identity = Identity::current();
    let here = &identity.here;
    // A lock that does not reach all of this kernel is free here, whoever has it elsewhere.
    let Primitive { name: backend, freed_at_death, scope } = primitive;
    let freed_at_death = freed_at_death && scope >= Scope::Kernel;
    let reach = match scope {
        Scope::Process | Scope::IpcNamespace => Reach::Part,
        Scope::Kernel => Reach::Kernel,
        Scope::Network => Reach::Hosts,
    };
    let (mut process, mut place) = (Process::Unseen, Place::Unknown);
    let (mut device, mut file_system) = (None, None);
    let mut older_than_process = false;
    match content {
        Content::Record(record) if kernel_lock == KernelLock::Held => process = glance(record),
        // Once it is released, it does not matter who wrote it.
        Content::Record(record) if record.released_at.is_none() => {
            process = look(record, here);
            // Where the lock itself tells that its holder has gone, it does not matter.
            let by_lock = freed_at_death
                && !record.is_legacy()
                && record.backend.as_deref() == backend
                && (kernel_lock == KernelLock::Free || !record.shared);
            if process == Process::Gone && !by_lock && sys::may_be_hidden(record.uid) {
                process = Process::Unseen;
            }
            if depends_on_place(record, here) {
                (place, file_system) = self::place(file);
                device = self::device(file);
            }
            older_than_process = is_running(process) && is_older_than_process(record, file);
        }
        _ => {}
    }
    let evidence = Evidence {
        here,
        backend,
        freed_at_death,
        reach,
        namespaces: sys::HAS_PID_NAMESPACES,
        kernel_lock,
        process,
        place,
        device,
        file_system,
        older_than_process,
    };
    judge(content, &evidence)
}

/// Whether any process has the PID: one system call, for a holder that is not to be proven gone.
fn glance(record: &Record) -> Process {
    if sys::exists(record.pid) { Process::Unseen } else { Process::Gone }
}

/// The PID of `record`, if it can mean a process that this one may look at.
pub(crate) fn pid_here(record: &Record) -> Option<u32> {
    may_be_here(record, &Identity::current().here).then_some(record.pid)
}

fn may_be_here(record: &Record, here: &Standpoint) -> bool {
    let elsewhere = record.pid_namespace.is_some() && record.pid_namespace != here.pid_namespace;
    Boot::of(record, here) != Boot::Other && !(elsewhere && here.pid_namespace.is_some())
}

fn look(record: &Record, here: &Standpoint) -> Process {
    if !may_be_here(record, here) {
        return Process::Unseen;
    }
    match sys::ProcessHandle::open(record.pid) {
        Ok(None) => Process::Gone,
        Ok(Some(process)) => {
            let marks = process.marks();
            // Other programs do not say which clock they read.
            let unknown_clock = record.is_legacy() && record.time_namespace.is_none();
            let is_comparable = !unknown_clock
                || record.start_ticks.is_some() && sys::shares_time_namespace(record.pid);
            let start_ticks = marks.start_ticks.filter(|_| is_comparable);
            Process::Running { start_ticks, pidfd_inode: marks.pidfd_inode }
        }
        Err(_) => Process::Unseen,
    }
}

fn is_running(process: Process) -> bool {
    matches!(process, Process::Running { .. })
}

/// Whether the file of another program was last written before the process started that has its PID
/// now, as the clocks say. They can be wrong: this informs, and proves nothing.
fn is_older_than_process(record: &Record, file: Option<&File>) -> bool {
    if !record.is_legacy() {
        return false;
    }
    let written = file.and_then(|file| file.metadata().ok()?.modified().ok());
    let limit = written.and_then(|written| written.checked_add(MARGIN));
    limit.is_some_and(|limit| diagnosis::started_at(record.pid).is_some_and(|it| it > limit))
}

/// Whether more than the process counts: not where the record is from this boot and namespace,
/// unless its process is the one that asks. That lives, and whether it holds, the lock has to prove.
fn depends_on_place(record: &Record, here: &Standpoint) -> bool {
    Boot::of(record, here) != Boot::Same
        || record.pid_namespace != here.pid_namespace
        || record.pid == here.pid
}

/// Where the file lies, and the kind of the file system.
fn place(file: Option<&File>) -> (Place, Option<u64>) {
    let Some(file) = file else { return (Place::Unknown, None) };
    // A system that could tell and does not (a sandbox): other kernels may reach it.
    let Ok(file_system) = sys::file_system(file) else { return (Place::Shared, None) };
    let place = match file_system.local {
        Some(true) => Place::Local,
        Some(false) => Place::Shared,
        None => Place::Unknown,
    };
    (place, file_system.kind)
}

fn device(file: Option<&File>) -> Option<u64> {
    sys::stat(file?).ok().map(|stat| stat.id.device())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Standpoint {
        Standpoint {
            host: None,
            boot_id: Some("now".to_owned()),
            machine: None,
            pid_namespace: Some(1),
            time_namespace: None,
            pid: 7,
        }
    }

    fn record(boot_id: Option<&str>, pid_namespace: Option<u64>, pid: u32) -> Record {
        Record { boot_id: boot_id.map(str::to_owned), pid_namespace, ..Record::bare(pid) }
    }

    #[test]
    fn only_a_record_of_another_process_in_our_own_frame_needs_no_place() {
        assert!(!depends_on_place(&record(Some("now"), Some(1), 42), &here()));
        assert!(depends_on_place(&record(Some("before"), Some(1), 42), &here()), "other boot");
        assert!(depends_on_place(&record(None, Some(1), 42), &here()), "unknown boot");
        assert!(depends_on_place(&record(Some("now"), Some(2), 42), &here()), "other namespace");
        assert!(depends_on_place(&record(Some("now"), None, 42), &here()), "unknown namespace");
        assert!(depends_on_place(&record(Some("now"), Some(1), 7), &here()), "our own PID");
    }

    #[test]
    fn a_pid_of_elsewhere_is_not_looked_at() {
        let own = std::process::id();
        for elsewhere in [record(Some("before"), Some(1), own), record(Some("now"), Some(2), own)] {
            assert_eq!(look(&elsewhere, &here()), Process::Unseen);
        }
        assert_ne!(look(&record(Some("now"), Some(1), own), &here()), Process::Unseen);
    }
}
