//! The unsafe things that the program does: to fork, to run code between fork and exec, to change
//! what a signal does, to wait for a child whatever signal ended it; and, in files of their own, to
//! end a system call in time, to lock what is only known by its number, to use
//! pidfds, to look at what chattr(1) has done, and to look around before
//! `main`. And what Windows has otherwise.

mod alarm;
mod attributes;
mod end;
mod guard;
pub(crate) mod listener;
mod lock;
pub(crate) mod own;
mod pidfd;
mod shortage;
mod start;

use std::fs::File;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::sync::Arc;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask,
};
use nix::unistd::{Pid, getpgrp, getpid, getppid};

pub(crate) use self::alarm::Alarm;
pub(crate) use self::attributes::{Attributes, attributes};
pub(crate) use self::guard::{await_end, fork_guard};
pub(crate) use self::lock::{flock, lock_all_bytes};
pub(crate) use self::pidfd::has_pidfd_inodes;
pub(crate) use self::shortage::is_shortage;
pub(crate) use self::start::{in_our_place, was_closed};
use crate::terminal::Terminal;

/// Makes the child that `command` will start die with this process, by whatever death.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn die_together(command: &mut Command) {
    let parent = getpid();
    prepare(command, move || {
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        // Between the fork and the line above, the parent may have died: then no signal comes.
        if getppid() == parent { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    });
}

/// There is no such thing here: the guard alone kills the command.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn die_together(_command: &mut Command) {}

/// Makes the child that `command` will start the foreground process group of `terminal`.
pub(crate) fn take_terminal(command: &mut Command, terminal: Arc<Terminal>) {
    prepare(command, move || terminal.give_to(getpgrp()));
}

/// Lets the child that `command` will start begin with `mask`, and not with what we have blocked:
/// execve(2) keeps that, and std does as well.
pub(crate) fn set_mask(command: &mut Command, mask: SigSet) {
    prepare(command, move || Ok(sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None)?));
}

/// Lets the child that `command` will start write its PID to `line`.
pub(crate) fn report_to(command: &mut Command, line: Arc<File>) {
    prepare(command, move || (&*line).write_all(&getpid().as_raw().to_ne_bytes()));
}

/// `step` may call nothing but what is safe between fork and exec.
#[expect(unsafe_code, reason = "std offers no safe way")]
fn prepare(command: &mut Command, step: impl FnMut() -> io::Result<()> + Send + Sync + 'static) {
    use std::os::unix::process::CommandExt;
    // SAFETY: the callers above only make system calls (prctl, getppid, getpid, getpgrp,
    // tcsetpgrp, sigprocmask, sigaction, write), which signal-safety(7) allows after a fork; they
    // allocate and lock nothing.
    unsafe { command.pre_exec(step) };
}

/// sigaction(2) - changes what `signal` does.
#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
pub(crate) fn set_action(signal: Signal, handler: SigHandler) -> nix::Result<()> {
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the callers restore the default action, or ignore; no handler of ours ever runs.
    unsafe { sigaction(signal, &action) }.map(drop)
}

/// waitpid(2) - how the child `pid` ended, or what stopped it; `None` if nothing has happened.
#[expect(
    unsafe_code,
    reason = "nix's safe one reaps a child that a real-time signal ended, and \
    then reports an error in place of it"
)]
pub(crate) fn look(pid: Pid) -> nix::Result<Option<ExitStatus>> {
    let mut status = 0;
    let flags = libc::WNOHANG | libc::WUNTRACED;
    // SAFETY: waitpid writes one integer, and `status` outlives the call.
    let found = Errno::result(unsafe { libc::waitpid(pid.as_raw(), &raw mut status, flags) })?;
    Ok((found != 0).then(|| ExitStatus::from_raw(status)))
}

/// Whether a process with that status has ended, and was not merely stopped.
pub(crate) fn has_ended(status: ExitStatus) -> bool {
    status.code().is_some() || status.signal().is_some()
}

/// signal(7) - the real-time signals.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn real_time_signals() -> RangeInclusive<i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX()
}

/// Here they have no names, if there are any: an empty range, after the last of the others.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn real_time_signals() -> RangeInclusive<i32> {
    RangeInclusive::new(32, 31)
}
