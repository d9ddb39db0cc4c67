//! The end of a process that no pidfd tells of.
//!
//! For the guard: it makes system calls, and allocates nothing.

use std::io::Write;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::poll;
use nix::sys::signal::kill;
use nix::sys::stat::Mode;
use nix::unistd::{Pid, getpid, read};

/// The time from one look to the next, in milliseconds.
const STEP: u8 = 5;

/// Looks again and again until `process` has ended: it is gone, or waits to be reaped, which in many
/// a container nobody does. Where nothing shows that, it is to be reaped.
pub(super) fn look_for(process: Pid) {
    while kill(process, None) != Err(Errno::ESRCH) && !is_zombie(process) {
        let _ = poll(&mut [], STEP);
    }
}

/// Whether `/proc` shows that it has exited, with all its threads.
fn is_zombie(process: Pid) -> bool {
    let mut line = [0; 512];
    // In a new PID namespace, it may be another namespace's, and that another process.
    let own = stat("self", &mut line).and_then(number);
    if own != Some(getpid().as_raw()) {
        return false;
    }
    let mut name = [0; 16];
    let mut left = &mut name[..];
    let _ = write!(left, "{process}");
    let length = 16 - left.len();
    let name = std::str::from_utf8(&name[..length]).unwrap_or_default();
    stat(name, &mut line).is_some_and(has_exited)
}

/// `/proc/NAME/stat`: `proc_pid_stat(5)`.
fn stat<'a>(name: &str, line: &'a mut [u8; 512]) -> Option<&'a str> {
    let mut path = [0; 64];
    let mut left = &mut path[..];
    write!(left, "/proc/{name}/stat").ok()?;
    let length = 64 - left.len();
    let path = std::str::from_utf8(&path[..length]).ok()?;
    let file = open(path, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty()).ok()?;
    let length = read(&file, line).ok()?;
    // The name of the program may be anything: what matters comes before and after it.
    line[..length].iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
    std::str::from_utf8(&line[..length]).ok()
}

/// The first field: the PID.
fn number(stat: &str) -> Option<i32> {
    stat.split(' ').next()?.parse().ok()
}

/// By its state, and the number of its threads: fields 3 and 20. A process whose main thread alone
/// has ended is a zombie, too, and runs on.
fn has_exited(stat: &str) -> bool {
    let Some((_, fields)) = stat.rsplit_once(") ") else { return false };
    let mut fields = fields.split(' ');
    let state = fields.next();
    let threads = fields.nth(20 - 4).and_then(|threads| threads.parse::<u32>().ok());
    matches!(state, Some("Z" | "X")) && threads.is_some_and(|threads| threads <= 1)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use nix::sys::wait::{Id, WaitPidFlag, waitid};

    use super::*;

    #[test]
    fn a_process_that_nobody_reaps_has_ended_all_the_same() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        assert!(!is_zombie(pid));
        child.kill().unwrap();
        waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
        assert!(is_zombie(pid));
        look_for(pid);
        child.wait().unwrap();
        assert!(!is_zombie(pid));
        look_for(pid);
    }

    #[test]
    fn a_zombie_with_live_threads_has_not_exited() {
        let stat = |state, threads| {
            format!("42 (a) Z (b) {state} 1 7 7 0 -1 0 1 0 0 0 0 0 0 0 20 0 {threads} 0 128877 2 3")
        };
        assert!(has_exited(&stat("Z", 1)));
        assert!(!has_exited(&stat("Z", 2)));
        assert!(!has_exited(&stat("S", 1)));
    }
}
