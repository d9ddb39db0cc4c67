//! Every other Unix, by `sysinfo`: start times to the second, no namespaces, no boot id.

use std::fs::File;
use std::io;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::sys::{Marks, exists};

/// Not known here.
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Not known here.
pub(crate) fn machine_id() -> Option<String> {
    None
}

/// There are none here.
pub(crate) fn pid_namespace() -> Option<u64> {
    None
}

/// There are none here.
pub(crate) fn time_namespace() -> Option<u64> {
    None
}

/// Not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn is_local(_file: &File) -> io::Result<Option<bool>> {
    Ok(None)
}

/// The marks of this process.
pub(crate) fn own_process() -> Marks {
    look(std::process::id()).unwrap_or_default()
}

/// The marks of the process that has `pid`; `None` where there is none.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn process(pid: u32) -> io::Result<Option<Marks>> {
    if let Some(marks) = look(pid) {
        return Ok(Some(marks));
    }
    // sysinfo lists only what it may look at; kill(2) also knows the others.
    Ok(exists(pid).then(Marks::default))
}

fn look(pid: u32) -> Option<Marks> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    let start = system.process(pid)?.start_time();
    Some(Marks { start_ticks: Some(start), pidfd_inode: None })
}
