//! Processes by `sysinfo`: start times to the second.

use std::io;
use std::os::fd::OwnedFd;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::sys::process_marks::Marks;
use crate::sys::unix::kill::exists;

/// The marks of this process.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn own_process() -> io::Result<Marks> {
    Ok(look(std::process::id()).unwrap_or_default())
}

/// The marks of the process that has `pid`; `None` where there is none. Nothing holds it fast.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn pin(pid: u32) -> io::Result<Option<(Option<OwnedFd>, Marks)>> {
    // sysinfo lists only what it may look at; kill(2) also knows the others.
    let marks = look(pid).or_else(|| exists(pid).then(Marks::default));
    Ok(marks.map(|marks| (None, marks)))
}

/// The user of the process.
pub(crate) fn users(pid: u32) -> Option<[u32; 2]> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().with_user(sysinfo::UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    system.process(pid)?.user_id().map(|user| [**user; 2])
}

fn look(pid: u32) -> Option<Marks> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    let start = system.process(pid)?.start_time();
    Some(Marks { start_ticks: Some(start), pidfd_inode: None })
}
