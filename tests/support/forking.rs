//! A process that forks while it waits, and whose child goes on with the wait.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, fork, pipe, read, write};
use tenure::Lockfile;

use super::{MARK, sleeps_in, wait_until};

/// Forks when it is told that it waits. The child looks when the parent has the lock, and waits on;
/// then the parent tells whether it has the lock still.
#[expect(unsafe_code, reason = "fork is what is tested")]
pub(super) fn lock_while_a_child_looks(lock: &mut Lockfile) -> String {
    static CHILD: AtomicI32 = AtomicI32::new(0);
    let ((go, say_go), (inside, say_inside)) = (pipe().unwrap(), pipe().unwrap());
    let mut waiting = lock.clone().on_wait(move |_, _| {
        if CHILD.load(Ordering::Relaxed) != 0 {
            return;
        }
        // SAFETY: the child goes on with this thread's work, which takes no lock of another's.
        match unsafe { fork() }.expect("forked") {
            ForkResult::Parent { child } => {
                CHILD.store(child.as_raw(), Ordering::Relaxed);
                println!("{MARK}forked");
            }
            ForkResult::Child => {
                CHILD.store(-1, Ordering::Relaxed);
                read(&go, &mut [0]).unwrap();
            }
        }
    });
    let result = waiting.lock_timeout(Duration::from_secs(1_000_000));
    let child = CHILD.load(Ordering::Relaxed);
    if child == -1 {
        write(&say_inside, b"!").unwrap();
        // SAFETY: ends this process at once, without running what the parent has at exit.
        unsafe { libc::_exit(0) }
    }
    result.unwrap();
    write(&say_go, b"!").unwrap();
    let process = child.unsigned_abs();
    wait_until(|| is_readable(&inside) || sleeps_in(process, None, libc::SYS_ppoll));
    // It is not only believed: the kernel refuses everybody else.
    let file = File::open(lock.path()).unwrap();
    let refused = Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err();
    let answer = match (is_readable(&inside), refused) {
        (true, _) => "the child is inside as well",
        (_, false) => "the child has let go of the parent's lock",
        _ => "the parent alone",
    };
    kill(Pid::from_raw(child), Signal::SIGKILL).unwrap();
    nix::sys::wait::wait().unwrap();
    waiting.unlock().unwrap();
    answer.to_owned()
}

fn is_readable(end: &OwnedFd) -> bool {
    use std::os::fd::AsFd;
    let mut fds = [PollFd::new(end.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::ZERO).unwrap() > 0
}
