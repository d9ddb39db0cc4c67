//! The two unsafe things that the program does: to run code between fork and exec, and to change
//! what a signal does.

use std::io;
use std::process::Command;

use nix::sys::signal::{SigAction, Signal, sigaction};
use nix::unistd::{getpid, getppid};

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

/// There is no such thing here: a command outlives a wrapper that is killed.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn die_together(_command: &mut Command) {}

/// Makes the child that `command` will start the foreground process group of the terminal on its
/// standard input.
pub(crate) fn take_terminal(command: &mut Command) {
    prepare(command, || crate::terminal::give_to(nix::unistd::getpgrp()));
}

/// `step` may call nothing but what is safe between fork and exec.
#[expect(unsafe_code, reason = "std offers no safe way")]
fn prepare(command: &mut Command, step: impl FnMut() -> io::Result<()> + Send + Sync + 'static) {
    use std::os::unix::process::CommandExt;
    // SAFETY: both callers above only make system calls (prctl, getppid, getpgrp, tcsetpgrp,
    // sigprocmask), which signal-safety(7) allows after a fork; they allocate and lock nothing.
    unsafe { command.pre_exec(step) };
}

/// sigaction(2) - changes what `signal` does.
#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
pub(crate) fn reset(signal: Signal, action: &SigAction) -> nix::Result<()> {
    // SAFETY: the only caller restores the default action; no handler of ours ever runs.
    unsafe { sigaction(signal, action) }.map(drop)
}
