//! The command: started in a process group of its own, and waited for.

use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, killpg};
use nix::unistd::{Pid, getpgrp};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::group::Group;
use crate::guard::Guard;
use crate::sys;
use crate::terminal::{self, Terminal};

/// What is passed on to the command.
const FORWARDED: [Signal; 4] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT];

/// A command that runs.
///
/// It has a process group of its own, which a signal to us is passed on to as a whole, and which
/// has the terminal if we had it on standard input. It is killed if we are.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its process id, and that of its group.
    id: Pid,
    group: Arc<Group>,
    /// What we wait for.
    signals: SigSet,
    /// The one that stops it with Ctrl-Z, or when it reads out of turn.
    terminal: Option<Arc<Terminal>>,
    _guard: Option<Guard>,
}

impl Child {
    /// Starts `command`, which is killed `kill_after` TERM, if it has not ended by then.
    pub(crate) fn start(
        command: &[OsString],
        kill_after: Option<Duration>,
    ) -> Result<Self, Failure> {
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
        // Without a guard the command itself is killed with us all the same.
        let guard = Guard::post().ok();
        if let Some(guard) = &guard {
            guard.watch(&mut command);
        }
        let terminal = Terminal::controlling().map(Arc::new);
        let interactive =
            terminal.clone().filter(|it| terminal::is_standard_input() && it.is_with(getpgrp()));
        if let Some(terminal) = interactive.clone() {
            sys::take_terminal(&mut command, terminal);
        }
        // The last of all, because it does not come back.
        sys::in_our_place(&mut command);
        let child = command.spawn().map_err(|err| {
            if let Some(terminal) = interactive {
                // The child took it before it turned out that it cannot become the command.
                let _ = terminal.give_to(getpgrp());
            }
            Failure::starting(name, &err)
        })?;
        let id = i32::try_from(child.id()).map_err(|err| Failure::system("use the PID", err))?;
        let id = Pid::from_raw(id);
        Ok(Self { id, group: Group::new(id, kill_after), signals, terminal, _guard: guard })
    }

    /// All that it has started, unless that has left.
    pub(crate) fn group(&self) -> &Arc<Group> {
        &self.group
    }
}

/// The signals that matter.
fn watched_signals() -> SigSet {
    let mut signals = SigSet::from(Signal::SIGCHLD);
    signals.extend(FORWARDED);
    signals
}

/// A parent that ignored SIGCHLD passed that on to us; then no child could be waited for.
pub(crate) fn wait_for_children() -> Result<(), Failure> {
    let reset = sys::set_action(Signal::SIGCHLD, SigHandler::SigDfl);
    reset.map_err(|err| Failure::system("reset SIGCHLD", err))
}

impl Child {
    /// Passes signals on until the command has ended.
    pub(crate) fn wait(self) -> Result<Exit, Failure> {
        let exit = self.wait_for_end();
        self.take_terminal_back();
        exit
    }

    fn wait_for_end(&self) -> Result<Exit, Failure> {
        loop {
            match self.signals.wait() {
                Ok(Signal::SIGCHLD) => {
                    if let Some(exit) = self.look()? {
                        return Ok(exit);
                    }
                }
                Ok(signal) => self.group.signal(signal),
                Err(Errno::EINTR) => {}
                Err(err) => return Err(Failure::system("wait for signals", err)),
            }
        }
    }

    /// What has become of the command; `None` while it lives.
    fn look(&self) -> Result<Option<Exit>, Failure> {
        loop {
            let status = match self.group.look() {
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
        let had_it = terminal.is_with(self.id);
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
            let _ = terminal.give_to(self.id);
        }
        self.group.signal(Signal::SIGCONT);
    }

    /// Takes the terminal from the command, but from nobody else: after `bg` the shell has it.
    fn take_terminal_back(&self) {
        if let Some(terminal) = self.terminal.as_ref().filter(|it| it.is_with(self.id)) {
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
