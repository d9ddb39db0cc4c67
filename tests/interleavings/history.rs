//! Which schedules come to the same, so that one of them is enough.
//!
//! Two neighbouring steps of different processes can change places if neither changes what the
//! other touches; schedules that differ in nothing else lead to the same state (Mazurkiewicz's
//! traces; the cache of CHESS). A history names such a class by one number. What is touched is
//! guessed on the safe side: there is one lockfile here, and never mind which inode it is.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::board::MOST;
use super::call::Call;

/// How a step touches a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    None,
    Read,
    Write,
}

/// What steps touch: the name in the directory, what is in the file and known about it, the lock on
/// it, and who is alive; and where the name is the lock, claims, and drafts (see `Place`).
pub const THINGS: usize = 6;

/// What came before, but for the order of steps that do not depend on each other.
#[derive(Clone, Copy, Default, Hash)]
pub struct History {
    /// The last step of each process, with all that it depends on.
    processes: [u64; MOST],
    things: [Thing; THINGS],
}

#[derive(Clone, Copy, Default, Hash)]
struct Thing {
    /// The last write, with all that it depends on.
    written: u64,
    /// The reads since, in no order.
    read: u64,
}

impl History {
    /// Adds a step of `process`: a call, or its death.
    pub fn then(mut self, process: usize, call: Option<&Call>) -> Self {
        let accesses = call.map_or([Access::Write; THINGS], Call::accesses);
        let mut hasher = DefaultHasher::new();
        (process, self.processes[process], call.map(|call| call.name)).hash(&mut hasher);
        for (thing, access) in self.things.iter().zip(accesses) {
            match access {
                Access::None => {}
                Access::Read => thing.written.hash(&mut hasher),
                Access::Write => thing.hash(&mut hasher),
            }
        }
        let step = hasher.finish();
        for (thing, access) in self.things.iter_mut().zip(accesses) {
            match access {
                Access::None => {}
                Access::Read => thing.read = thing.read.wrapping_add(step),
                Access::Write => *thing = Thing { written: step, read: 0 },
            }
        }
        self.processes[process] = step;
        self
    }
}
