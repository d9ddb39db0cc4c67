//! Job objects: what is started dies with this process, and Ctrl+C is left to it.
#![expect(unsafe_code, reason = "std has no jobs")]

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::null;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;
use windows_sys::core::BOOL;

/// A job that has this process in it, and all that it starts. When this process ends, by whatever
/// end, the others are ended, unless they were [released](Self::release).
#[derive(Debug)]
pub(crate) struct Job(OwnedHandle);

impl Job {
    /// Enters a new job. Not the child alone: it would run for a moment before it is in the job.
    pub(crate) fn enter() -> io::Result<Self> {
        // SAFETY: there are no attributes and no name.
        let job = unsafe { CreateJobObjectW(null(), null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made for us, and nothing else knows of it. No child inherits
        // it: this process has the only one.
        let job = Self(unsafe { OwnedHandle::from_raw_handle(job) });
        job.limit(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)?;
        // SAFETY: returns a constant that stands for this process.
        let own = unsafe { GetCurrentProcess() };
        // SAFETY: both handles are open.
        check(unsafe { AssignProcessToJobObject(job.0.as_raw_handle(), own) })?;
        Ok(job)
    }

    /// What the command has left running may go on.
    pub(crate) fn release(self) -> io::Result<()> {
        self.limit(0)
    }

    fn limit(&self, flags: u32) -> io::Result<()> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = flags;
        let length = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
        let (job, class) = (self.0.as_raw_handle(), JobObjectExtendedLimitInformation);
        let start = (&raw const limits).cast();
        // SAFETY: the handle is open, and the kernel reads no more than `length` bytes.
        check(unsafe { SetInformationJobObject(job, class, start, length) })
    }
}

/// From here on Ctrl+C and Ctrl+Break do nothing to this process. What it starts is told of them as
/// ever.
pub(crate) fn leave_keys_to_command() -> io::Result<()> {
    // SAFETY: the handler only compares numbers.
    check(unsafe { SetConsoleCtrlHandler(Some(handle), 1) })
}

unsafe extern "system" fn handle(event: u32) -> BOOL {
    BOOL::from(event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT)
}

fn check(granted: BOOL) -> io::Result<()> {
    if granted == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
