//! The command: started in a process group of its own, and waited for.

use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, killpg};
use nix::unistd::{Pid, getpgrp};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::sys;
use crate::terminal::{self, Terminal};

/// What is passed on to the command.
const FORWARDED: [Signal; 4] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT];

/// Runs `command` to its end, passing signals on.
///
/// It has a process group of its own, which a signal to us is passed on to as a whole, and which
/// has the terminal if we had it on standard input. It is killed if we are.
pub(crate) fn run(command: &[OsString]) -> Result<Exit, Failure> {
    // From here on signals wait until `Child::wait` takes them: none is lost, and none ends us
    // while the command runs.
    let signals = watched_signals();
    let mask = signals.thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let mask = mask.map_err(|err| Failure::system("block signals", err))?;
    wait_for_children()?;
    let (name, arguments) = command.split_first().expect("clap requires a command");
    let mut command = Command::new(name);
    command.args(arguments).process_group(0);
    sys::die_together(&mut command);
    sys::set_mask(&mut command, mask);
    let terminal = Terminal::controlling().map(Arc::new);
    let interactive =
        terminal.clone().filter(|it| terminal::is_standard_input() && it.is_with(getpgrp()));
    if let Some(terminal) = interactive.clone() {
        sys::take_terminal(&mut command, terminal);
    }
    let child = command.spawn().map_err(|err| {
        if let Some(terminal) = interactive {
            // The child took it before it turned out that it cannot become the command.
            let _ = terminal.give_to(getpgrp());
        }
        Failure::starting(name, &err)
    })?;
    let group = i32::try_from(child.id()).map_err(|err| Failure::system("use the PID", err))?;
    let child = Child { group: Pid::from_raw(group), terminal };
    let exit = child.wait(&signals);
    child.take_terminal_back();
    exit
}

/// The signals that matter.
fn watched_signals() -> SigSet {
    let mut signals = SigSet::from(Signal::SIGCHLD);
    signals.extend(FORWARDED);
    signals
}

/// A parent that ignored SIGCHLD passed that on to us; then no child could be waited for.
fn wait_for_children() -> Result<(), Failure> {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    sys::reset(Signal::SIGCHLD, &default).map_err(|err| Failure::system("reset SIGCHLD", err))
}

struct Child {
    /// Its process id, and that of its group.
    group: Pid,
    /// The one that stops it with Ctrl-Z, or when it reads out of turn.
    terminal: Option<Arc<Terminal>>,
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
            let status = match sys::look(self.group) {
                Ok(Some(status)) => status,
                Ok(None) => return Ok(None),
                Err(Errno::EINTR) => continue,
                Err(err) => return Err(Failure::system("wait for the command", err)),
            };
            if let Some(signal) = status.stopped_signal() {
                self.stopped(signal);
                continue;
            }
            let code = status.code().or_else(|| status.signal().map(|number| 128 + number));
            let code = code.and_then(|code| u8::try_from(code).ok());
            return Ok(Some(Exit::Command(code.unwrap_or(u8::MAX))));
        }
    }

    /// The command was stopped. If the terminal did it, stop as well, so that the shell takes the
    /// terminal back, and when it continues us, continue the command.
    fn stopped(&self, signal: i32) {
        let Some(terminal) = &self.terminal else { return };
        let had_it = terminal.is_with(self.group);
        let wants_it = signal == Signal::SIGTTIN as i32 || signal == Signal::SIGTTOU as i32;
        if !had_it && !wants_it {
            // Somebody stopped it on purpose, and will continue it.
            return;
        }
        self.take_terminal_back();
        // A command that wants the terminal, while our group has it, only has to be given it.
        if had_it || !terminal.is_with(getpgrp()) {
            stop_own_group(signal);
        }
        // Continued, in the foreground (fg) or in the background (bg).
        if terminal.is_with(getpgrp()) {
            let _ = terminal.give_to(self.group);
        }
        let _ = killpg(self.group, Signal::SIGCONT);
    }

    /// Takes the terminal from the command, but from nobody else: after `bg` the shell has it.
    fn take_terminal_back(&self) {
        if let Some(terminal) = self.terminal.as_ref().filter(|it| it.is_with(self.group)) {
            // Nothing is left to be done about a terminal that will not come back.
            let _ = terminal.give_to(getpgrp());
        }
    }
}

/// Stops all that a shell started together with us, as the terminal would have: it waits for the
/// last of a pipeline, or for the script that we are called from.
fn stop_own_group(signal: i32) {
    // Where no shell would continue us, the kernel drops SIGTSTP. It does not drop SIGSTOP, which
    // therefore is for the rest: a command that the terminal stops again and again.
    let signal = if signal == Signal::SIGTSTP as i32 { Signal::SIGTSTP } else { Signal::SIGSTOP };
    let _ = killpg(getpgrp(), signal);
}
