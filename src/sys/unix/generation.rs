//! Which process this is, in a way that fork cannot copy.
//!
//! A PID does not tell: PID 1 of a container may make a new PID namespace and fork, and its child
//! is PID 1 as well, with a copy of all that its parent knew.

use std::process;

#[cfg(any(target_os = "linux", target_os = "android"))]
use crate::sys::linux::wipe_on_fork::count;

/// A number that this process has and no process that it was forked from, or forks, has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl Generation {
    /// That of no process.
    pub(crate) const NONE: Self = Self(0);

    /// That of this process.
    pub(crate) fn current() -> Self {
        Self(count().unwrap_or_else(|| u64::from(process::id())))
    }

    /// Never zero.
    pub(super) fn number(self) -> u64 {
        self.0
    }
}

/// No memory is wiped by a fork here: the PID has to do.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn count() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_generation_in_all_its_threads() {
        let ours = Generation::current();
        let theirs = std::thread::spawn(Generation::current).join().unwrap();
        assert_eq!(ours, theirs);
    }
}
