//! A [`Daemon`] is a real program that runs in the foreground.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::pipe2;

use crate::program::GUARD;
use crate::support::Place;

/// It is killed when this is dropped.
pub(crate) struct Daemon {
    child: Child,
    output: File,
    said: String,
}

impl Daemon {
    /// Its standard input is a pipe. What it and its children say comes on another one.
    pub(crate) fn start(command: &mut Command) -> Self {
        let (output, input) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let child = command
            .stdin(Stdio::piped())
            .stdout(input.try_clone().unwrap())
            .stderr(input)
            .spawn()
            .unwrap();
        Self { child, output: output.into(), said: String::new() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Returns once it has said `text`.
    pub(crate) fn says(&mut self, text: &str) {
        while !self.said.contains(text) {
            let mut ready = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
            let patience = PollTimeout::try_from(GUARD).unwrap();
            assert!(poll(&mut ready, patience).unwrap() > 0, "{text:?} is not in {:?}", self.said);
            let mut buffer = [0; 4096];
            let length = self.output.read(&mut buffer).unwrap();
            assert!(length > 0, "it ended, and {text:?} is not in {:?}", self.said);
            self.said.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    }

    /// Returns how it ended, of itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// SIGKILL, and reaped. Returns its PID. Its children go on.
    pub(crate) fn kill(mut self) -> u32 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.pid()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An executable file.
pub(crate) fn script(path: &Path, text: &str) -> PathBuf {
    let mut file = File::create(path).unwrap();
    write!(file, "#!/bin/sh\n{text}\n").unwrap();
    file.set_permissions(PermissionsExt::from_mode(0o755)).unwrap();
    path.to_owned()
}

/// A new directory.
pub(crate) fn directory(place: &Place, name: &str) -> PathBuf {
    let path = place.dir().join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}
