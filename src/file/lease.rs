//! A lease on the lockfile (`F_SETLEASE`), such as Samba and the NFS server take for their clients.
//!
//! An open that does not wait is refused, with EAGAIN, until the holder of the lease has given it up.
//! The kernel asks it to, and takes the lease away after a while.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Op, Result, failed};
use crate::sys;

/// From one look to the next. Nothing tells of the end of a lease.
const STEP: Duration = Duration::from_millis(5);

/// More than the kernel gives the holder of a lease.
const GRACE: Duration = Duration::from_secs(1);

/// Looks past a lease, until it has to be over.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    until: Option<Instant>,
}

impl Lease {
    /// Waits a little; whether it is worth another look.
    pub(crate) fn goes_on(&mut self, path: &Path) -> Result<bool> {
        let now = Instant::now();
        let until = *self.until.get_or_insert_with(|| now + sys::lease_break_time() + GRACE);
        sys::poll(&[], Some(now + STEP)).map_err(failed(Op::Wait, path))?;
        Ok(now < until)
    }
}

/// Opens the file at `path`, and again for as long as another process has a lease on it: a holder that
/// releases has one for a moment.
pub(in crate::file) fn open_past_leases(
    path: &Path,
    open: impl Fn(&Path) -> io::Result<File>,
) -> Result<io::Result<File>> {
    let mut lease = Lease::default();
    loop {
        match open(path) {
            Err(err) if sys::is_leased(&err) && lease.goes_on(path)? => {}
            opened => return Ok(opened),
        }
    }
}
