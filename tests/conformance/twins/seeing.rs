//! Broken: what readers and signals do to others.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use tenure::{Admission, Backend, Flock, Queue, Scope};

/// Takes the lock to look, so that whoever comes meanwhile is refused.
#[derive(Debug)]
pub(super) struct Locker;

impl Backend for Locker {
    fn name(&self) -> &'static str {
        "locker"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn scope(&self) -> Scope {
        Scope::Kernel
    }

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        Flock.try_lock(file, path)
    }

    fn look(&self, file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let free = Flock.try_lock(file, path)? == Admission::Locked;
        if free {
            look();
            linger();
            Flock.release(file, path)?;
        }
        Ok(free)
    }

    fn release(&self, file: &File, path: &Path) -> io::Result<()> {
        Flock.release(file, path)
    }
}

/// So that somebody comes meanwhile, also where there is one processor.
#[allow(clippy::disallowed_methods, reason = "nobody waits for it")]
fn linger() {
    std::thread::sleep(Duration::from_micros(100));
}

/// Does not go on with a wait that a signal has interrupted.
#[derive(Debug)]
pub(super) struct Starter;

impl Backend for Starter {
    fn name(&self) -> &'static str {
        "starter"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn scope(&self) -> Scope {
        Scope::Kernel
    }

    fn queue(&self) -> Queue {
        Queue::Endless
    }

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        Flock.try_lock(file, path)
    }

    #[expect(unsafe_code, reason = "what is safe goes on")]
    fn wait(&self, file: &File, _: &Path, _: Option<Instant>) -> io::Result<bool> {
        // SAFETY: flock takes two integers and touches no memory.
        match unsafe { nix::libc::flock(file.as_raw_fd(), nix::libc::LOCK_EX) } {
            0 => Ok(true),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn look(&self, file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        Flock.look(file, path, look)
    }

    fn release(&self, file: &File, path: &Path) -> io::Result<()> {
        Flock.release(file, path)
    }
}
