//! Who has the kernel's lock, where the record does not prove it.

use serde::Serialize;
use tenure::{Process, State, Status, Verdict, Why};

/// One of them.
#[derive(Serialize)]
pub(crate) struct KernelHolder {
    pid: u32,
    program: String,
    user: Option<String>,
    uptime_seconds: u64,
}

/// Those who have the lock of a lockfile whose record does not say so. To look for them is slow.
pub(crate) fn kernel_holders(status: &Status) -> Vec<KernelHolder> {
    let mut processes = if is_asked(status) { status.kernel_holders() } else { Vec::new() };
    processes.drain(..).map(of).collect()
}

fn is_asked(status: &Status) -> bool {
    // A bare PID says nothing of locks: another process can have the lock.
    let named = status.holder().is_some_and(|holder| !holder.record().is_legacy());
    let unknown = !named && status.state() == State::Held;
    unknown || status.verdict() == Some(Verdict::Unproven(Why::Outlived))
}

fn of(process: Process) -> KernelHolder {
    KernelHolder {
        pid: process.pid,
        program: process.program,
        user: process.user,
        uptime_seconds: process.uptime.as_secs(),
    }
}

/// The same, for people: `pid 4243 (sleep), of user root, through a descriptor inherited from pid
/// 4242`.
pub(crate) fn describe(status: &Status) -> Vec<String> {
    let holder = status.holder().filter(|holder| !holder.record().is_legacy());
    let inherited = holder.map_or_else(String::new, |holder| {
        format!(", through a descriptor inherited from pid {}", holder.pid())
    });
    let mut lines: Vec<String> = kernel_holders(status)
        .into_iter()
        .map(|holder| {
            let user = holder.user.as_deref().unwrap_or("unknown").escape_debug();
            let program = holder.program.escape_debug();
            format!("pid {} ({program}), of user {user}{inherited}", holder.pid)
        })
        .collect();
    if lines.is_empty() && is_asked(status) {
        lines.push(format!("none that this user may look at{inherited}: try as root"));
    }
    lines
}
