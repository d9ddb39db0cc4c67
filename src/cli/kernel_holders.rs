//! Which processes have the kernel's lock, where the record does not prove that its holder has it.

use serde::Serialize;
use tenure::{Holder, KernelHolder, State, Status, Verdict, Why};

/// The processes that have the lock.
pub(crate) struct Owners {
    /// Whether they were looked for, which is slow.
    is_asked: bool,
    found: Vec<KernelHolder>,
    /// Whether the process that the record names is among them, where that is known.
    pub(crate) holder_has_lock: Option<bool>,
}

/// One of them, as JSON.
#[derive(Serialize)]
pub(crate) struct Owner {
    pid: u32,
    pid_inside: Option<u32>,
    program: String,
    user: Option<String>,
    uptime_seconds: u64,
    inherited_from: Option<u32>,
}

impl Owners {
    pub(crate) fn of(status: &Status) -> Self {
        let holder_has_lock = status.holder_has_lock();
        let is_asked = is_in_doubt(status, holder_has_lock);
        let found = if is_asked { status.kernel_holders() } else { Vec::new() };
        Self { is_asked, found, holder_has_lock }
    }

    /// Whether other processes than the one that the record names are seen to have the lock.
    pub(crate) fn are_others(&self) -> bool {
        !self.found.is_empty() && !self.found.iter().any(KernelHolder::is_named)
    }

    /// `pid 4243 (sleep) and pid 4244 (sh)`.
    pub(crate) fn names(&self) -> String {
        self.found.iter().map(name).collect::<Vec<_>>().join(" and ")
    }

    /// A line for each: `pid 4243 (sleep), of user root, by a descriptor inherited from pid 4242`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.found.iter().map(line).collect();
        if lines.is_empty() && self.is_asked {
            lines.push("none that this user may look at: try as root".to_owned());
        }
        lines
    }

    pub(crate) fn json(&self) -> Vec<Owner> {
        self.found.iter().map(Owner::of).collect()
    }
}

/// Whether another process may have the lock than the one that the record names, or may be known here by
/// another PID.
fn is_in_doubt(status: &Status, holder_has_lock: Option<bool>) -> bool {
    if status.verdict() == Some(Verdict::Unproven(Why::Outlived)) {
        return true;
    }
    let proven = status.holder().is_some_and(|holder| match holder_has_lock {
        Some(proven) => proven,
        // Another backend than the kernel's lock may be what a record of tenure means.
        None => !holder.record().is_legacy() && !holder.is_in_another_namespace(),
    });
    status.state() == State::Held && !proven
}

fn name(owner: &KernelHolder) -> String {
    let process = owner.process();
    format!("pid {} ({})", process.pid, process.program.escape_debug())
}

fn line(owner: &KernelHolder) -> String {
    let user = owner.process().user.as_deref().unwrap_or("unknown").escape_debug();
    let inside = owner.pid_inside().map(|pid| format!(", in a container with pid {pid} there"));
    let inherited =
        owner.inherited_from().map(|pid| format!(", by a descriptor inherited from pid {pid}"));
    let [inside, inherited] = [inside, inherited].map(Option::unwrap_or_default);
    format!("{}, of user {user}{inside}{inherited}", name(owner))
}

impl Owner {
    fn of(owner: &KernelHolder) -> Self {
        let process = owner.process();
        Self {
            pid: process.pid,
            pid_inside: owner.pid_inside(),
            program: process.program.clone(),
            user: process.user.clone(),
            uptime_seconds: process.uptime.as_secs(),
            inherited_from: owner.inherited_from(),
        }
    }
}

/// What the record says of its process, where another has the lock.
pub(crate) fn named_instead(holder: &Holder) -> String {
    format!("the file names another process, which does not have the lock: {holder}")
}
