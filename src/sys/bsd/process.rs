//! Looking at a process: does it run, and which one is it?

use std::io;
use std::os::fd::OwnedFd;

use super::exit_event::{exit_event, has_exited};
use super::kernel;
use super::process_description::Description;
use crate::sys::process_marks::Marks;
use crate::sys::unix::kill::exists;

/// The marks of this process.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn own_process() -> io::Result<Marks> {
    Ok(marks(kernel::describe(std::process::id())))
}

/// The marks of the process that has `pid`, and what holds it fast; `None` where there is none, or it
/// has exited.
pub(crate) fn pin(pid: u32) -> io::Result<Option<(Option<OwnedFd>, Marks)>> {
    let exit = exit_event(pid);
    let found = kernel::describe(pid);
    // Between the first line and the second the process may have ended, and another have taken its
    // PID: so this is asked last.
    if let Some(exit) = &exit {
        if has_exited(exit)? {
            return Ok(None);
        }
    }
    match found {
        Some(found) if found.is_zombie => Ok(None),
        // The kernel describes to each only what that may see; kill(2) also knows the others.
        None if exit.is_none() && !exists(pid) => Ok(None),
        found => Ok(Some((exit, marks(found)))),
    }
}

/// The users who may signal the process.
pub(crate) fn users(pid: u32) -> Option<[u32; 2]> {
    kernel::describe(pid)?.users
}

fn marks(found: Option<Description>) -> Marks {
    Marks { start_ticks: found.and_then(|found| found.start), pidfd_inode: None }
}
