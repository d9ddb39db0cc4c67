//! Stopping a holder, which Windows has no way to ask to end.

use std::time::Duration;

use tenure::{Holder, HolderProcess, Lockfile};

/// For how long those whom a holder has started are waited for.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// What there is to say of stopping a holder that is alive: nothing, of this program.
pub(crate) fn remedy(_lock: &Lockfile, _holder: &Holder) -> &'static str {
    ""
}

/// There is none.
#[derive(Debug)]
pub(crate) struct Schedule;

impl Schedule {
    pub(crate) fn after(_grace: Duration) -> Self {
        Self
    }
}

pub(crate) fn stop(process: &HolderProcess, _schedule: &Schedule) -> tenure::Result<()> {
    // That of Unix which asks a process to end. Here it is refused.
    process.signal(15).map(drop)
}
