//! Looking at a process: does it run, and which one is it?

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;

use super::pidfd;
use super::proc_stat::ProcStat;
use crate::sys::process_marks::Marks;
use crate::sys::unix::kill::exists;
use crate::sys::unix::resource_shortage::learned;

/// The marks of this process. What cannot be learned is `None` in them.
///
/// # Errors
///
/// Descriptors or memory have run out.
pub(crate) fn own_process() -> io::Result<Marks> {
    // One after the other: there may be a descriptor for one, and not for two.
    let start_ticks = ProcStat::read("self")?.map(|stat| stat.start_ticks);
    let pidfd = learned(pidfd::open(std::process::id()).map_err(io::Error::from))?;
    let pidfd_inode = pidfd.as_ref().map_or(Ok(None), pidfd::inode)?;
    Ok(Marks { start_ticks, pidfd_inode })
}

/// The marks of the process that has `pid` in this PID namespace, and a pidfd that holds it fast;
/// `None` where there is none, or its whole thread group has exited. What cannot be learned is
/// `None` in the marks.
///
/// # Errors
///
/// The system does not say whether there is such a process.
pub(crate) fn pin(pid: u32) -> io::Result<Option<(Option<OwnedFd>, Marks)>> {
    match pidfd::open(pid) {
        Ok(fd) => {
            let stat = proc_stat(pid);
            // Between opening the pidfd and reading /proc the process may end and another take its
            // PID, so ask the pidfd last: if it has not exited now, what was read was its own.
            if pidfd::has_exited(&fd)? {
                return Ok(None);
            }
            let start_ticks = stat.map(|stat| stat.start_ticks);
            let marks = Marks { start_ticks, pidfd_inode: pidfd::inode(&fd).ok().flatten() };
            Ok(Some((Some(fd), marks)))
        }
        Err(Errno::ESRCH) => Ok(None),
        // The number is that of a thread, and no process has it. kill(2) accepts such numbers, and
        // /proc may hide the threads of other users (hidepid). A sandbox may give this answer for
        // every number: so the call has to work for our own.
        Err(Errno::EINVAL | Errno::ENOENT) if pidfd::open(std::process::id()).is_ok() => Ok(None),
        // ENOSYS, EPERM: an old kernel or a sandbox. EMFILE…
        Err(_) => Ok(without_pidfd(pid).map(|marks| (None, marks))),
    }
}

/// The same by kill(2) and `/proc`, for kernels and sandboxes without pidfds.
fn without_pidfd(pid: u32) -> Option<Marks> {
    if !exists(pid) || is_thread(pid) {
        return None;
    }
    match proc_stat(pid) {
        Some(stat) if stat.has_exited() => None,
        stat => Some(Marks { start_ticks: stat.map(|stat| stat.start_ticks), pidfd_inode: None }),
    }
}

/// The real user of the process, and its saved set-user-ID; `None` where `/proc` does not say.
pub(crate) fn users(pid: u32) -> Option<[u32; 2]> {
    let status =
        proc_is_ours().then(|| fs::read_to_string(format!("/proc/{pid}/status")).ok())??;
    let users = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    let users: Vec<u32> = users.split_whitespace().map_while(|user| user.parse().ok()).collect();
    match users[..] {
        [real, _effective, saved, _file_system] => Some([real, saved]),
        _ => None,
    }
}

/// The PID that the process has in its own PID namespace, and that namespace, where it is another than
/// ours; `NSpid` of `proc_pid_status(5)`, since Linux 4.1.
pub(super) fn inside(pid: u32) -> Option<(u32, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let pids = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    let pid_inside = pids.split_whitespace().skip(1).last()?.parse().ok()?;
    let namespace = fs::metadata(format!("/proc/{pid}/ns/pid")).ok()?.ino();
    Some((pid_inside, namespace))
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
    proc_is_ours().then(|| ProcStat::read(&pid.to_string()).ok().flatten()).flatten()
}

/// Whether `/proc` is there, and counts PIDs as this process does.
pub(super) fn proc_is_ours() -> bool {
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

    fn marks(pid: u32) -> io::Result<Option<Marks>> {
        Ok(pin(pid)?.map(|(_, marks)| marks))
    }

    #[test]
    fn this_process_has_the_marks_that_others_see() {
        assert_eq!(marks(std::process::id()).unwrap(), Some(own_process().unwrap()));
    }

    #[test]
    fn both_ways_of_looking_agree_on_when_a_process_started() {
        let pid = std::process::id();
        let marks = without_pidfd(pid).expect("this process runs");
        assert_eq!(marks.start_ticks, own_process().unwrap().start_ticks);
    }

    #[test]
    fn an_exited_process_is_gone_before_it_is_reaped() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        assert!(marks(pid).unwrap().is_some());
        assert!(without_pidfd(pid).is_some());
        assert!(!is_ending(pid));
        drop(child.stdin.take());
        wait_without_reaping(pid);
        assert!(is_ending(pid));
        assert_eq!(marks(pid).unwrap(), None);
        assert_eq!(without_pidfd(pid), None);
        child.wait().unwrap();
        assert_eq!(marks(pid).unwrap(), None);
        assert_eq!(without_pidfd(pid), None);
    }

    fn wait_without_reaping(pid: u32) {
        use nix::sys::wait::{Id, WaitPidFlag, waitid};
        use nix::unistd::Pid;
        let id = Id::Pid(Pid::from_raw(i32::try_from(pid).unwrap()));
        waitid(id, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
    }

    #[test]
    fn the_number_of_a_thread_is_no_marks() {
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            tell.send(nix::unistd::gettid().as_raw()).unwrap();
            ended.recv().unwrap_err();
        });
        let tid = u32::try_from(told.recv().unwrap()).unwrap();
        assert_eq!(marks(tid).unwrap(), None);
        assert_eq!(without_pidfd(tid), None);
        drop(end);
        thread.join().unwrap();
    }

    #[test]
    fn the_users_of_this_process_are_its_own() {
        let real = nix::unistd::getuid().as_raw();
        assert!(users(std::process::id()).unwrap().contains(&real));
    }
}
