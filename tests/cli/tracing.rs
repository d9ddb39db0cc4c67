//! A process that is stopped at one of its system calls, for what happens between two of them.

use std::process::{Command, Stdio};

use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::support::prepare;

/// Starts `command` and stops it where it enters the first system call that is `wanted`, of which
/// that is told the number and the arguments. To be detached, and waited for, by its PID.
#[expect(clippy::zombie_processes, reason = "the caller waits for it, by its PID")]
pub(crate) fn stopped_at(
    mut command: Command,
    mut wanted: impl FnMut(i64, [u64; 6]) -> bool,
) -> Pid {
    prepare(&mut command, || Ok(ptrace::traceme()?));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let tracee = Pid::from_raw(i32::try_from(child.id()).unwrap());
    waitpid(tracee, None).unwrap();
    let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL;
    ptrace::setoptions(tracee, options).unwrap();
    loop {
        ptrace::syscall(tracee, None).unwrap();
        match waitpid(tracee, None).unwrap() {
            WaitStatus::PtraceSyscall(_) => {
                if entered(tracee).is_some_and(|(number, arguments)| wanted(number, arguments)) {
                    return tracee;
                }
            }
            WaitStatus::Stopped(..) => {}
            status => panic!("it does not come there: {status:?}"),
        }
    }
}

/// The number and the arguments of the call that the stopped process enters; `None` if it leaves one.
#[expect(unsafe_code, reason = "the kernel's answer is a union")]
fn entered(tracee: Pid) -> Option<(i64, [u64; 6])> {
    let info = ptrace::syscall_info(tracee).unwrap();
    if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
        return None;
    }
    // SAFETY: `op` says that this is the variant.
    let entry = unsafe { info.u.entry };
    Some((i64::try_from(entry.nr).unwrap(), entry.args))
}
