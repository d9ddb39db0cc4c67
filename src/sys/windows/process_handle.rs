//! A process that is held fast: what is waited for is this one, and no later one of its PID.

use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::time::{Duration, Instant};

use super::file_id::FileId;
use super::poll::poll;
use super::process;
use crate::sys::process_marks::Marks;

/// The time from one look to the next at a process that may not be waited for.
const STEP: Duration = Duration::from_millis(50);

/// One process, whatever its PID comes to mean.
#[derive(Debug)]
pub(crate) struct ProcessHandle {
    pid: u32,
    marks: Marks,
    /// `None` for another user's, which may not be waited for.
    handle: Option<OwnedHandle>,
}

impl ProcessHandle {
    /// The process that has `pid` now; `None` if there is none, or it has exited.
    pub(crate) fn open(pid: u32) -> io::Result<Option<Self>> {
        // First, because while it is open the PID goes to no other.
        let handle = process::exit_event(pid);
        Ok(process::process(pid)?.map(|marks| Self { pid, marks, handle }))
    }

    /// What it has that a later process of the same PID has not.
    pub(crate) fn marks(&self) -> Marks {
        self.marks
    }

    /// Users have no numbers here.
    #[expect(clippy::unused_self, reason = "other platforms ask the system")]
    pub(crate) fn users(&self) -> Option<[u32; 2]> {
        None
    }

    /// Not known here.
    #[expect(clippy::unused_self, reason = "other platforms ask the system")]
    pub(crate) fn has_locked(&self, _file: FileId) -> bool {
        false
    }

    /// There are no signals here, and to end a process without its knowing is no way to stop it.
    #[expect(clippy::unused_self, reason = "other platforms ask the system")]
    pub(crate) fn signal(&self, _signal: i32) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Waits for its end until `until`, or for as long as it takes; whether it has ended.
    pub(crate) fn wait(&self, until: Option<Instant>) -> io::Result<bool> {
        loop {
            if self.has_ended()? {
                return Ok(true);
            }
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return Ok(false);
            }
            match &self.handle {
                Some(handle) => poll(&[handle.as_handle()], until)?,
                None => poll(&[], Some(until.map_or(now + STEP, |until| until.min(now + STEP))))?,
            }
        }
    }

    fn has_ended(&self) -> io::Result<bool> {
        match &self.handle {
            Some(handle) => process::has_exited(handle),
            // What cannot be read any more is no end.
            None => Ok(process::process(self.pid)?.is_none_or(|now| {
                let starts = now.start_ticks.zip(self.marks.start_ticks);
                starts.is_some_and(|(now, then)| now != then)
            })),
        }
    }
}
