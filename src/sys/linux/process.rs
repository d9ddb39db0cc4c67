//! Looking at a process: does it run, and which one is it?

use std::fs;
use std::io;
use std::path::Path;

use nix::errno::Errno;

use super::pidfd;
use super::stat::ProcStat;
use crate::sys::{Marks, exists};

/// The marks of this process.
pub(crate) fn own_process() -> Marks {
    Marks {
        start_ticks: ProcStat::read("self").map(|stat| stat.start_ticks),
        pidfd_inode: pidfd::open(std::process::id()).ok().as_ref().and_then(pidfd::inode),
    }
}

/// The marks of the process that has `pid` in this PID namespace; `None` where there is none, or
/// its whole thread group has exited. What cannot be learned is `None` in the marks.
///
/// # Errors
///
/// The system does not say whether there is such a process.
pub(crate) fn process(pid: u32) -> io::Result<Option<Marks>> {
    match pidfd::open(pid) {
        Ok(fd) => {
            let stat = proc_stat(pid);
            // Between opening the pidfd and reading /proc the process may end and another take its
            // PID, so ask the pidfd last: if it has not exited now, what was read was its own.
            if pidfd::has_exited(&fd)? {
                return Ok(None);
            }
            let start_ticks = stat.map(|stat| stat.start_ticks);
            Ok(Some(Marks { start_ticks, pidfd_inode: pidfd::inode(&fd) }))
        }
        Err(Errno::ESRCH) => Ok(None),
        // EINVAL, ENOENT: a thread's number. ENOSYS, EPERM: an old kernel or a sandbox. EMFILE…
        Err(_) => without_pidfd(pid),
    }
}

/// The same by kill(2) and `/proc`, for kernels and sandboxes without pidfds.
#[expect(clippy::unnecessary_wraps, reason = "it stands in for a call that can fail")]
fn without_pidfd(pid: u32) -> io::Result<Option<Marks>> {
    if !exists(pid) || is_thread(pid) {
        return Ok(None);
    }
    match proc_stat(pid) {
        Some(stat) if stat.has_exited() => Ok(None),
        stat => {
            Ok(Some(Marks { start_ticks: stat.map(|stat| stat.start_ticks), pidfd_inode: None }))
        }
    }
}

/// Whether the process is about to end: its main thread at least will not run again.
pub(crate) fn is_ending(pid: u32) -> bool {
    proc_stat(pid).is_some_and(|stat| stat.is_exiting())
}

/// `/proc/PID/stat`, if `/proc` counts PIDs as this process does.
///
/// In a new PID namespace whose `/proc` was not mounted anew, the numbers there are the parent
/// namespace's: an innocent process would be looked at.
fn proc_stat(pid: u32) -> Option<ProcStat> {
    proc_is_ours().then(|| ProcStat::read(&pid.to_string())).flatten()
}

fn proc_is_ours() -> bool {
    fs::read_link("/proc/self").is_ok_and(|name| name == Path::new(&std::process::id().to_string()))
}

/// Whether `pid` is the number of a thread that is not the main thread of its process: then no
/// process has it. kill(2) accepts such numbers.
fn is_thread(pid: u32) -> bool {
    if !proc_is_ours() {
        return false;
    }
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return false };
    let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    group.and_then(|group| group.trim().parse::<u32>().ok()).is_some_and(|group| group != pid)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn this_process_has_the_marks_that_others_see() {
        assert_eq!(process(std::process::id()).unwrap(), Some(own_process()));
    }

    #[test]
    fn both_ways_of_looking_agree_on_when_a_process_started() {
        let pid = std::process::id();
        let marks = without_pidfd(pid).unwrap().expect("this process runs");
        assert_eq!(marks.start_ticks, own_process().start_ticks);
    }

    #[test]
    fn an_exited_process_is_gone_before_it_is_reaped() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        assert!(process(pid).unwrap().is_some());
        assert!(without_pidfd(pid).unwrap().is_some());
        assert!(!is_ending(pid));
        drop(child.stdin.take());
        wait_without_reaping(pid);
        assert!(is_ending(pid));
        assert_eq!(process(pid).unwrap(), None);
        assert_eq!(without_pidfd(pid).unwrap(), None);
        child.wait().unwrap();
        assert_eq!(process(pid).unwrap(), None);
        assert_eq!(without_pidfd(pid).unwrap(), None);
    }

    fn wait_without_reaping(pid: u32) {
        use nix::sys::wait::{Id, WaitPidFlag, waitid};
        use nix::unistd::Pid;
        let id = Id::Pid(Pid::from_raw(i32::try_from(pid).unwrap()));
        waitid(id, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
    }

    #[test]
    fn the_number_of_a_thread_is_no_process() {
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            tell.send(nix::unistd::gettid().as_raw()).unwrap();
            ended.recv().unwrap_err();
        });
        let tid = u32::try_from(told.recv().unwrap()).unwrap();
        assert_eq!(process(tid).unwrap(), None);
        assert_eq!(without_pidfd(tid).unwrap(), None);
        drop(end);
        thread.join().unwrap();
    }
}
