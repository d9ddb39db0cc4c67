//! A terminal as whoever sits in front of it sees it.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{GUARD, Scene, spawn_on_terminal, within_guard};

const ROWS: u16 = 24;

/// A terminal with a script on it. That is killed if the test ends before it does.
pub(crate) struct Screen {
    child: Option<Child>,
    pid: u32,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    /// All that was written, as it was written.
    written: Vec<u8>,
}

impl Screen {
    /// With so many columns, of a kind that can take lines away.
    pub(crate) fn start(scene: &Scene, columns: u16, script: &str) -> Self {
        let size = |number| NonZeroU16::new(number).unwrap();
        let script = format!("stty rows {ROWS} cols {columns}; {script}");
        let mut command = scene.script(&script);
        command.env("TERM", "xterm");
        let (child, master) = spawn_on_terminal(command);
        Self {
            pid: child.id(),
            child: Some(child),
            output: chunks(master.try_clone().unwrap()),
            keyboard: master,
            terminal: vt100::Parser::new(size(ROWS), size(columns), 0),
            written: Vec::new(),
        }
    }

    /// What can be read, without the empty lines at the end.
    pub(crate) fn text(&self) -> String {
        self.terminal.screen().contents().trim_end().to_owned()
    }

    /// All that was written so far, with what the terminal obeys.
    pub(crate) fn written(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// Whether the cursor is shown, and in the first column.
    pub(crate) fn cursor_is_home(&self) -> bool {
        let screen = self.terminal.screen();
        !screen.hide_cursor() && screen.cursor_position().1 == 0
    }

    /// Returns once `expected` can be read.
    pub(crate) fn shows(&mut self, expected: &str) {
        self.until(|screen| screen.text().contains(expected));
    }

    /// Returns once a line has been taken away twice more.
    pub(crate) fn is_drawn_anew(&mut self) {
        let count = |screen: &Self| screen.written().matches("\x1b[2K").count();
        let before = count(self);
        self.until(|screen| count(screen) >= before + 2);
    }

    /// Returns once `is_so` of what was written so far.
    pub(crate) fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            // What ticks is never silent: the guard is for all of it.
            match self.output.recv_timeout(GUARD.saturating_sub(began.elapsed())) {
                Ok(_) if began.elapsed() > GUARD => panic!("it only came to {:?}", self.text()),
                Ok(chunk) => self.take(&chunk),
                Err(why) => panic!("it has not come to that, but to {:?}: {why}", self.text()),
            }
        }
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// Sends `signal` to the script, or to what it has become.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.pid).unwrap()), signal).unwrap();
    }

    /// Waits for the end, and for all that was written; returns the exit status as a shell has it.
    pub(crate) fn end(&mut self) -> i32 {
        let mut child = self.child.take().unwrap();
        let status = within_guard(self.pid, move || child.wait().unwrap());
        loop {
            match self.output.recv_timeout(GUARD) {
                Ok(chunk) => self.take(&chunk),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the terminal is still open"),
            }
        }
        status.code().or_else(|| status.signal().map(|number| 128 + number)).unwrap()
    }

    fn take(&mut self, chunk: &[u8]) {
        self.terminal.process(chunk);
        self.written.extend(chunk);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What is written, as it comes.
fn chunks(mut source: File) -> Receiver<Vec<u8>> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut chunk = [0; 4096];
        // A terminal that nobody has open any more is an error where a pipe is at its end.
        while let Ok(length @ 1..) = source.read(&mut chunk) {
            if tell.send(chunk[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    told
}
