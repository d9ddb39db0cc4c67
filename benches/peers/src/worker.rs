//! A worker process, seen from where it was started.

use std::env;
use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::board::Shared;
use crate::job::{Job, Role};
use crate::lock::Patience;
use crate::peer::Peer;

/// Longer than any step takes; who takes longer is taken for stuck.
const LIMIT: Duration = Duration::from_mins(1);

/// A process with a [`Job`], killed and reaped when this is dropped.
pub(crate) struct Worker {
    child: Child,
    input: Option<PipeWriter>,
    output: ChildStdout,
    name: String,
}

impl Worker {
    /// Starts one that is told what to do by [`tell`](Self::tell).
    pub(crate) fn start(job: &Job) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Self::start_with(job, reader, Some(writer))
    }

    /// Starts one that holds the lock at `path` for as long as it lives.
    pub(crate) fn holding(peer: Peer, path: &Path) -> io::Result<Self> {
        let board = Shared::create()?;
        let mut holder = Self::start(&Job {
            role: Role::Hold,
            peer,
            patience: Patience::Once,
            path: path.to_owned(),
            board: board.path(),
            seat: 0,
        })?;
        holder.tell()?;
        holder.hear()?;
        Ok(holder)
    }

    /// Starts one that begins when `gate` is closed at its other end.
    pub(crate) fn start_behind(job: &Job, gate: &PipeReader) -> io::Result<Self> {
        Self::start_with(job, gate.try_clone()?, None)
    }

    fn start_with(job: &Job, stdin: PipeReader, input: Option<PipeWriter>) -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(job.to_args())
            .stdin(stdin)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().expect("it is piped");
        let name = format!("{:?}, {}", job.role, job.peer.name());
        Ok(Self { child, input, output, name })
    }

    /// Has it take its next step.
    pub(crate) fn tell(&mut self) -> io::Result<()> {
        let input = self.input.as_mut().expect("it is not behind a gate");
        input.write_all(b".").map_err(|err| self.failed(&err.to_string()))
    }

    /// Waits until it has taken a step.
    pub(crate) fn hear(&mut self) -> io::Result<()> {
        let mut fds = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
        let limit = PollTimeout::try_from(LIMIT).expect("it is a minute");
        if poll(&mut fds, limit)? == 0 {
            return Err(self.failed("is stuck"));
        }
        match self.output.read(&mut [0]) {
            Ok(1) => Ok(()),
            Ok(_) => Err(self.failed("has ended")),
            Err(err) => Err(self.failed(&err.to_string())),
        }
    }

    /// SIGKILLs it, and returns once it is reaped.
    pub(crate) fn crash(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Returns once it waits for the lock, and all of its threads sleep.
    pub(crate) fn until_asleep(&self, waiting: impl Fn() -> bool) -> io::Result<()> {
        let began = Instant::now();
        // Nothing tells that somebody has gone to sleep in the kernel: it has to be looked for.
        while !(waiting() && self.is_asleep()?) {
            if began.elapsed() > LIMIT {
                return Err(self.failed("does not wait"));
            }
            thread::yield_now();
        }
        Ok(())
    }

    fn is_asleep(&self) -> io::Result<bool> {
        let states = self.threads("stat", |stat| {
            // The name of a program may have any characters in it, but what follows may not.
            stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
        })?;
        Ok(states.into_iter().all(|asleep| asleep))
    }

    /// How often its threads have gone to sleep.
    pub(crate) fn sleeps(&self) -> io::Result<u64> {
        let sleeps = self.threads("status", |status| {
            let mut lines = status.lines();
            let line = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            line.and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0)
        })?;
        Ok(sleeps.into_iter().sum())
    }

    /// What `read` makes of a file in `/proc`, for each thread.
    fn threads<T>(&self, file: &str, read: impl Fn(&str) -> T) -> io::Result<Vec<T>> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id()))?;
        let files = threads.flatten().map(|thread| thread.path().join(file));
        // A thread that has ended meanwhile is none.
        Ok(files.filter_map(|file| fs::read_to_string(file).ok()).map(|text| read(&text)).collect())
    }

    fn failed(&self, how: &str) -> io::Error {
        io::Error::other(format!("{}: {how}", self.name))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
