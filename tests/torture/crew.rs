//! The contending processes: hired by fork, killed, stopped and continued.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use nix::libc;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use crate::oracle::{Life, SLOTS, Shared};
use crate::random::Random;
use crate::worker::{Subject, work};

#[derive(Debug)]
struct Worker {
    pid: Pid,
    life: Life,
    stopped: bool,
}

/// All of them; none outlives it.
#[derive(Debug)]
pub(crate) struct Crew {
    shared: &'static Shared,
    subject: Subject,
    /// The paths that lead to the lockfile; each process uses one of them.
    paths: Vec<PathBuf>,
    workers: Vec<Worker>,
    lives: u64,
    pub(crate) kills: u64,
    pub(crate) killed_inside: u64,
    pub(crate) stops: u64,
}

impl Crew {
    pub(crate) fn new(shared: &'static Shared, subject: Subject, paths: Vec<PathBuf>) -> Self {
        let workers = Vec::new();
        Self { shared, subject, paths, workers, lives: 0, kills: 0, killed_inside: 0, stops: 0 }
    }

    /// Fills every place that is empty.
    pub(crate) fn hire_all(&mut self, random: &mut Random) {
        for slot in 0..SLOTS {
            if self.workers.iter().all(|worker| worker.life.slot != slot) {
                self.hire(slot, random);
            }
        }
    }

    #[expect(unsafe_code, reason = "to fork is ten times faster than to execute")]
    fn hire(&mut self, slot: usize, random: &mut Random) {
        self.lives += 1;
        let life = Life { slot, number: self.lives };
        let random = Random::from_seed(random.next());
        // SAFETY: this program has one more thread at most, the harness's, which waits for this
        // one and has no lock that the child needs.
        match unsafe { fork() }.expect("fork") {
            ForkResult::Parent { child } => {
                self.workers.push(Worker { pid: child, life, stopped: false });
            }
            ForkResult::Child => {
                set_pdeathsig(Signal::SIGKILL).expect("prctl");
                let (subject, paths) = (self.subject, &*self.paths);
                let worked = catch_unwind(AssertUnwindSafe(|| {
                    work(self.shared, life, subject, paths, random);
                }));
                // SAFETY: ends this process at once, without running what the parent has at exit.
                unsafe { libc::_exit(if worked.is_ok() { 1 } else { 101 }) }
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.workers.len()
    }

    pub(crate) fn position(&self, life: Life) -> Option<usize> {
        self.workers.iter().position(|worker| worker.life == life)
    }

    /// Kills a worker, also a stopped one.
    ///
    /// # Errors
    ///
    /// It had ended by itself.
    pub(crate) fn kill(&mut self, index: usize) -> Result<usize, String> {
        let Worker { pid, life, .. } = self.workers.swap_remove(index);
        self.shared.doom(life);
        kill(pid, Signal::SIGKILL).expect("it is not reaped");
        let end = waitpid(pid, None).expect("it is our child");
        let inside = self.shared.bury(life);
        self.kills += 1;
        self.killed_inside += u64::from(inside);
        match end {
            WaitStatus::Signaled(_, Signal::SIGKILL, _) => Ok(life.slot),
            end => Err(format!("life {} at {} ended by itself: {end:?}", life.number, life.slot)),
        }
    }

    /// Kills a worker and hires another in its place.
    pub(crate) fn replace(&mut self, index: usize, random: &mut Random) -> Result<(), String> {
        let slot = self.kill(index)?;
        self.hire(slot, random);
        Ok(())
    }

    pub(crate) fn kill_all(&mut self, random: &mut Random) -> Result<(), String> {
        while !self.workers.is_empty() {
            self.kill(random.index(self.workers.len()))?;
        }
        Ok(())
    }

    /// Stops a worker that runs; continues one that is stopped.
    pub(crate) fn stop_or_continue(&mut self, index: usize) {
        let worker = &mut self.workers[index];
        worker.stopped = !worker.stopped;
        self.stops += u64::from(worker.stopped);
        let signal = if worker.stopped { Signal::SIGSTOP } else { Signal::SIGCONT };
        kill(worker.pid, signal).expect("it is not reaped");
    }

    pub(crate) fn continue_all(&mut self) {
        for index in 0..self.workers.len() {
            if self.workers[index].stopped {
                self.stop_or_continue(index);
            }
        }
    }

    /// Says if a worker has ended by itself.
    pub(crate) fn check(&self) -> Result<(), String> {
        for worker in &self.workers {
            match waitpid(worker.pid, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => {}
                end => return Err(format!("a worker ended by itself: {end:?}")),
            }
        }
        Ok(())
    }

    /// What everybody is doing, for whoever has to find out why nobody gets on.
    pub(crate) fn describe(&self) -> String {
        let read = |path: String| fs::read_to_string(path).unwrap_or_else(|err| err.to_string());
        let mut text = format!("/proc/locks:\n{}", read("/proc/locks".to_owned()));
        for worker in &self.workers {
            let slot = &self.shared.slots[worker.life.slot];
            let syscall = read(format!("/proc/{}/syscall", worker.pid));
            let status = read(format!("/proc/{}/status", worker.pid));
            let state = status.lines().find(|line| line.starts_with("State:")).unwrap_or("?");
            let Worker { pid, life, .. } = worker;
            text.extend([format!("{pid} {life:?} {slot:?}: {state}, {syscall}")]);
        }
        text + &format!("{:?}", fs::read_to_string(&self.paths[0]))
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for worker in &self.workers {
            // Harmless where `check` has reaped it: then the run is over anyway.
            let _ = kill(worker.pid, Signal::SIGKILL);
        }
        for worker in &self.workers {
            let _ = waitpid(worker.pid, None);
        }
    }
}
