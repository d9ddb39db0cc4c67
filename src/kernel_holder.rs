//! The processes that have the kernel's lock on a lockfile, whatever its record says.

use crate::diagnosis::Process;
use crate::identity::Identity;
use crate::record::Record;
use crate::sys::{FileId, LockHolder, lock_holder, lock_holders};

/// A process that has the kernel's lock on a lockfile: see
/// [`Status::kernel_holders`](crate::Status::kernel_holders).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelHolder {
    process: Process,
    found: LockHolder,
    is_named: bool,
}

impl KernelHolder {
    /// The other processes that have a lock on the file `id`, whose record is `record`.
    pub(crate) fn of(id: FileId, record: Option<&Record>) -> Vec<Self> {
        let named = |found| record.is_some_and(|record| is_named(record, found));
        let holder = |found: LockHolder| {
            let process = Process::running(found.pid)?;
            Some(Self { process, found, is_named: named(found) })
        };
        lock_holders(id).into_iter().filter_map(holder).collect()
    }

    /// The process, with the PID that it has here.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its PID in its own PID namespace, where that is another one than here, as in a container.
    #[must_use]
    pub fn pid_inside(&self) -> Option<u32> {
        self.found.inside.map(|(pid, _)| pid)
    }

    /// The process that took the lock, if it is another one, from which this one has the descriptor.
    /// That process may have ended since. `None` if this process took the lock itself, and where the
    /// kernel does not tell.
    #[must_use]
    pub fn inherited_from(&self) -> Option<u32> {
        self.found.taken_by.filter(|pid| *pid != self.found.pid)
    }

    /// Whether the record of the lockfile names this process.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.is_named
    }
}

/// Whether one of the processes that the record names has a lock on the file `id`; `None` where that cannot
/// be told from here.
pub(crate) fn has_lock(record: &Record, id: FileId) -> Option<bool> {
    if Identity::current().here.has_other_pids_than(record) {
        return None;
    }
    let mut told = true;
    for pid in record.pids() {
        match lock_holder(pid, id) {
            Ok(Some(_)) => return Some(true),
            Ok(None) => {}
            // A process that has ended has no lock.
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => told = false,
        }
    }
    told.then_some(false)
}

fn is_named(record: &Record, found: LockHolder) -> bool {
    let here = &Identity::current().here;
    match (record.pid_namespace, found.inside) {
        (Some(then), Some((pid, now))) if then == now => record.pid == pid,
        (Some(then), _) if Some(then) != here.pid_namespace => false,
        _ => record.pids().any(|pid| pid == found.pid),
    }
}
