//! What the system says of a live holder's process, for people.

use std::time::{Duration, SystemTime};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use crate::identity::Identity;
use crate::record::Record;
use crate::sys;
use crate::verdict::Host;

/// A running process, as the system describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// The name of its program. Untrusted: escape it before showing it.
    pub program: String,
    /// The name of its effective user, or the number where there is no name.
    pub user: Option<String>,
    /// How long it has been running, to the second.
    pub uptime: Duration,
}

impl Process {
    /// The process of a record, or the first that lives of several; `None` where the PIDs are not of
    /// this host, boot and PID namespace, or have no process.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let identity = Identity::current();
        let here = &identity.here;
        let foreign = Host::of(record, here) == Host::Other && record.boot_id.is_none()
            || here.has_other_pids_than(record);
        if foreign {
            return None;
        }
        record.pids().find_map(Self::running)
    }

    /// The process of that PID here.
    pub(crate) fn running(pid: u32) -> Option<Self> {
        let mut system = System::new();
        let kind = ProcessRefreshKind::nothing().with_user(UpdateKind::Always);
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[Pid::from_u32(pid)]),
            true,
            kind,
        );
        let process = system.process(Pid::from_u32(pid))?;
        let user = process.effective_user_id().or(process.user_id());
        Some(Self {
            pid,
            program: process.name().to_string_lossy().into_owned(),
            user: user.map(|id| sys::user_name(id).unwrap_or_else(|| id.to_string())),
            uptime: Duration::from_secs(process.run_time()),
        })
    }
}

/// When the process started, by the clock of the wall; `None` if the system does not tell. Whole
/// seconds, and as wrong as the clock was set since.
pub(crate) fn started_at(pid: u32) -> Option<SystemTime> {
    let mut system = System::new();
    let pid = Pid::from_u32(pid);
    let pids = [pid];
    let only = ProcessesToUpdate::Some(&pids);
    system.refresh_processes_specifics(only, true, ProcessRefreshKind::nothing());
    let since_1970 = Duration::from_secs(system.process(pid)?.start_time());
    SystemTime::UNIX_EPOCH.checked_add(since_1970)
}
