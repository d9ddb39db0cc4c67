//! The command: started in a process group of its own, and waited for.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, killpg, raise};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpgrp};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::sys;
use crate::terminal;

/// What is passed on to the command.
const FORWARDED: [Signal; 4] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT];

/// Runs `command` to its end, passing signals on.
///
/// It has a process group of its own, which a signal to us is passed on to as a whole, and which
/// has the terminal if we had it. It is killed if we are.
pub(crate) fn run(command: &[OsString]) -> Result<Exit, Failure> {
    // From here on signals wait until `Child::wait` takes them: none is lost, and none ends us
    // while the command runs. (std gives the command an empty signal mask.)
    let signals = watched_signals()?;
    let (name, arguments) = command.split_first().expect("clap requires a command");
    let mut command = Command::new(name);
    command.args(arguments).process_group(0);
    sys::die_together(&mut command);
    let interactive = terminal::is_ours();
    if interactive {
        sys::take_terminal(&mut command);
    }
    let child = command.spawn().map_err(|err| Failure::starting(name, &err))?;
    let group = i32::try_from(child.id()).map_err(|err| Failure::system("use the PID", err))?;
    let child = Child { group: Pid::from_raw(group), interactive };
    let exit = child.wait(&signals);
    if interactive {
        // Nothing is left to be done about a terminal that will not come back.
        let _ = terminal::give_to(getpgrp());
    }
    exit
}

/// Blocks the signals that matter, so that they can be waited for.
fn watched_signals() -> Result<SigSet, Failure> {
    let mut signals = SigSet::from(Signal::SIGCHLD);
    signals.extend(FORWARDED);
    signals.thread_block().map_err(|err| Failure::system("block signals", err))?;
    // A parent that ignored SIGCHLD passed that on to us; then no child could be waited for.
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    sys::reset(Signal::SIGCHLD, &default).map_err(|err| Failure::system("reset SIGCHLD", err))?;
    Ok(signals)
}

struct Child {
    /// Its process id, and that of its group.
    group: Pid,
    interactive: bool,
}

impl Child {
    /// Passes signals on until the command has ended.
    fn wait(&self, signals: &SigSet) -> Result<Exit, Failure> {
        loop {
            match signals.wait() {
                Ok(Signal::SIGCHLD) => {
                    if let Some(exit) = self.look()? {
                        return Ok(exit);
                    }
                }
                // It may have ended in this instant: then there is nobody to pass it on to.
                Ok(signal) => drop(killpg(self.group, signal)),
                Err(Errno::EINTR) => {}
                Err(err) => return Err(Failure::system("wait for signals", err)),
            }
        }
    }

    /// What has become of the command; `None` while it lives.
    fn look(&self) -> Result<Option<Exit>, Failure> {
        loop {
            match waitpid(self.group, Some(WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED)) {
                Ok(WaitStatus::Exited(_, status)) => {
                    return Ok(Some(Exit::Command(u8::try_from(status & 0xff).unwrap_or(1))));
                }
                Ok(WaitStatus::Signaled(_, signal, _)) => {
                    let status = u8::try_from(signal as i32).map_or(255, |number| 128 + number);
                    return Ok(Some(Exit::Command(status)));
                }
                Ok(WaitStatus::Stopped(..)) if self.interactive => self.stop_together(),
                Ok(_) => return Ok(None),
                Err(Errno::EINTR) => {}
                Err(err) => return Err(Failure::system("wait for the command", err)),
            }
        }
    }

    /// The command was stopped at the terminal (Ctrl-Z): stop as well, so that the shell takes the
    /// terminal back, and when it continues us, continue the command.
    fn stop_together(&self) {
        let _ = terminal::give_to(getpgrp());
        let _ = raise(Signal::SIGSTOP);
        // Continued, in the foreground (fg) or in the background (bg).
        if terminal::is_ours() {
            let _ = terminal::give_to(self.group);
        }
        let _ = killpg(self.group, Signal::SIGCONT);
    }
}
