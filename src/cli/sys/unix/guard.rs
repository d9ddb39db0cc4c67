//! The guard's side: a fork, of which nothing runs but what is here.
//!
//! Other threads may have been there when it was forked, and so it makes system calls and nothing
//! else (signal-safety(7)): it allocates nothing, locks nothing, and does not unwind.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{end, pidfd};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, killpg};
use nix::sys::stat::Mode;
use nix::sys::wait::waitpid;
use nix::unistd::{
    ForkResult, Pid, dup2_stderr, dup2_stdin, dup2_stdout, fork, pipe2, read, setsid,
};

/// Forks the guard; returns its PID, the line to it, and the end of that which it reads.
#[expect(unsafe_code, reason = "nix marks it so, because of what the child could do")]
pub(crate) fn fork_guard() -> io::Result<(Pid, File, OwnedFd)> {
    let (heard, line) = pipe2(OFlag::O_CLOEXEC)?;
    // SAFETY: the child runs nothing but `guard`, which keeps to what may be done after a fork, and
    // never returns.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok((child, File::from(line), heard)),
        ForkResult::Child => {
            drop(line);
            guard(&heard);
        }
    }
}

/// Waits for the end of `pid`.
pub(crate) fn await_end(pid: Pid) {
    while waitpid(pid, None) == Err(Errno::EINTR) {}
}

/// Until the line ends.
fn guard(heard: &OwnedFd) -> ! {
    // Whoever kills the wrapper by its name does not mean the guard.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = nix::sys::prctl::set_name(c"tenure-guard");
    // Whoever ends the wrapper by a signal may mean all of its kind: the guard ends after it.
    let _ = nix::sys::signal::sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None);
    // Neither the terminal's signals nor its end are for it, nor does it keep anybody waiting for
    // the end of a pipeline.
    let _ = setsid();
    if let Ok(null) = open("/dev/null", OFlag::O_RDWR, Mode::empty()) {
        let _ = (dup2_stdin(&null), dup2_stdout(&null), dup2_stderr(&null));
    }
    let mut command = None;
    loop {
        let mut word = [0; 4];
        match read(heard, &mut word) {
            Err(Errno::EINTR) => {}
            // The command, before it is that.
            Ok(4) => command = Some(Charge::of(Pid::from_raw(i32::from_ne_bytes(word)))),
            Ok(0) => break,
            // What cannot be heard is no reason to kill anybody.
            _ => exit(),
        }
    }
    if let Some(command) = command {
        command.end();
    }
    exit()
}

/// The command's process group.
struct Charge {
    group: Pid,
    /// The command itself: tells of its end, and keeps its number from meaning another.
    pidfd: Option<OwnedFd>,
}

impl Charge {
    fn of(group: Pid) -> Self {
        Self { group, pidfd: pidfd::open(group).ok() }
    }

    /// Kills the group, and waits for the end of the command.
    fn end(&self) {
        let pidfd = self.pidfd.as_ref().map(AsFd::as_fd);
        if pidfd.is_none_or(|pidfd| pidfd::kill_group_of(pidfd).is_err()) {
            let _ = killpg(self.group, Signal::SIGKILL);
        }
        // To end takes a while, and we have the lock until then.
        match pidfd {
            Some(pidfd) => while poll(pidfd) == Err(Errno::EINTR) {},
            None => end::look_for(self.group),
        }
    }
}

#[expect(unsafe_code, reason = "nix has no function for it")]
fn exit() -> ! {
    // SAFETY: it runs no handlers, and does not return.
    unsafe { libc::_exit(0) }
}

/// poll(2) - waits until `fd` is readable.
fn poll(fd: BorrowedFd<'_>) -> nix::Result<i32> {
    use nix::poll::{PollFd, PollFlags, PollTimeout};
    nix::poll::poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], PollTimeout::NONE)
}
