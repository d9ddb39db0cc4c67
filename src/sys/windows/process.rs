//! Processes, by handles: no later process of the same PID answers to one.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER, FILETIME, HANDLE, STILL_ACTIVE, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetExitCodeProcess, GetProcessId, GetProcessTimes, OpenProcess,
    PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    WaitForSingleObject,
};

use super::error::{check, is};
use super::process_list;
use crate::sys::process_marks::Marks;

/// The marks of this process.
#[expect(unsafe_code, reason = "std does not tell")]
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn own_process() -> io::Result<Marks> {
    // SAFETY: takes nothing, and returns a constant that stands for this process.
    let own = unsafe { GetCurrentProcess() };
    Ok(Marks { start_ticks: start(own).ok(), pidfd_inode: None })
}

/// The marks of the process that has `pid`; `None` where there is none, or it has exited.
pub(super) fn process(pid: u32) -> io::Result<Option<Marks>> {
    let start_ticks = match open(pid, PROCESS_QUERY_LIMITED_INFORMATION) {
        Ok(Some(handle)) if has_ended(pid, &handle)? => return Ok(None),
        Ok(Some(handle)) => start(handle.as_raw_handle()).ok(),
        Ok(None) => return Ok(None),
        // It is there, and another user's: a service, for one, to whom an earlier process's PID has
        // gone. All may know when it began.
        Err(err) if is(&err, ERROR_ACCESS_DENIED) => process_list::start(pid),
        Err(err) => return Err(err),
    };
    Ok(Some(Marks { start_ticks, pidfd_inode: None }))
}

/// Whether any process has the PID.
pub(crate) fn exists(pid: u32) -> bool {
    match open(pid, PROCESS_QUERY_LIMITED_INFORMATION) {
        Ok(Some(handle)) => !has_ended(pid, &handle).unwrap_or(false),
        Ok(None) => false,
        Err(_) => true,
    }
}

/// What is signalled when the process `pid` has ended; `None` where that is not to be had, or it
/// has ended already.
pub(crate) fn exit_event(pid: u32) -> Option<OwnedHandle> {
    open(pid, PROCESS_SYNCHRONIZE).ok().flatten()
}

/// Whether the process has ended, all its threads included.
#[expect(unsafe_code, reason = "std waits only for children")]
#[expect(clippy::unnecessary_wraps, reason = "other platforms can fail")]
pub(crate) fn has_exited(event: &OwnedHandle) -> io::Result<bool> {
    // SAFETY: the handle is open.
    Ok(unsafe { WaitForSingleObject(event.as_raw_handle(), 0) } == WAIT_OBJECT_0)
}

/// Opens the process; `None` if there is none of that PID. One that has exited is there for as long
/// as anybody has a handle of it.
#[expect(unsafe_code, reason = "std opens only children")]
fn open(pid: u32, access: PROCESS_ACCESS_RIGHTS) -> io::Result<Option<OwnedHandle>> {
    // SAFETY: takes numbers only.
    let handle = unsafe { OpenProcess(access, 0, pid) };
    if handle.is_null() {
        let err = io::Error::last_os_error();
        return if is(&err, ERROR_INVALID_PARAMETER) { Ok(None) } else { Err(err) };
    }
    // SAFETY: the handle was just opened for us, and nothing else knows of it.
    let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    // PIDs are multiples of four, and Windows rounds what it is asked for.
    // SAFETY: the handle is open.
    let found = unsafe { GetProcessId(handle.as_raw_handle()) };
    Ok((found == pid || found == 0).then_some(handle))
}

/// Whether the process `pid`, which has the `handle`, has exited; not, in doubt.
///
/// It can exit with the number that stands for one which has not (259). Then who may wait for it is
/// told; while the handle is open, the PID is that of no other.
fn has_ended(pid: u32, handle: &OwnedHandle) -> io::Result<bool> {
    Ok(has_exit_code(handle)?
        || exit_event(pid).is_some_and(|end| has_exited(&end).is_ok_and(|it| it)))
}

#[expect(unsafe_code, reason = "std asks only children")]
fn has_exit_code(handle: &OwnedHandle) -> io::Result<bool> {
    let mut code = 0;
    // SAFETY: the handle is open, and `code` is ours to write to.
    check(unsafe { GetExitCodeProcess(handle.as_raw_handle(), &raw mut code) })?;
    Ok(i32::try_from(code) != Ok(STILL_ACTIVE))
}

/// When the process began, in units of 100 ns since 1601: a time that does not change when the clock
/// is set, and is not that of another process, before or after a restart.
#[expect(unsafe_code, reason = "std does not tell")]
fn start(handle: HANDLE) -> io::Result<u64> {
    let [mut start, mut exit, mut kernel, mut user] = [FILETIME::default(); 4];
    let others = (&raw mut exit, &raw mut kernel, &raw mut user);
    check(
        // SAFETY: the handle is open or this process's, and the rest is ours to write to.
        unsafe { GetProcessTimes(handle, &raw mut start, others.0, others.1, others.2) },
    )?;
    Ok(u64::from(start.dwHighDateTime) << 32 | u64::from(start.dwLowDateTime))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn whoever_exits_with_the_number_of_the_living_is_gone() {
        for code in [0, 259] {
            let exit = format!("exit {code}");
            // Until it is dropped, it keeps the PID.
            let mut child = Command::new("cmd").args(["/c", &exit]).spawn().unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(code));
            assert!(!exists(child.id()), "{code}");
            assert_eq!(process(child.id()).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn a_process_that_runs_exists() {
        assert!(exists(std::process::id()));
        assert_eq!(process(std::process::id()).unwrap(), Some(own_process().unwrap()));
    }

    #[test]
    fn the_list_tells_what_the_process_itself_would() {
        let start = process_list::start(std::process::id());
        assert!(start.is_some());
        assert_eq!(start, own_process().unwrap().start_ticks);
    }
}
