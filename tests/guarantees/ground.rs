//! The backends, and a lockfile for each to be tried on.

use std::path::Path;

use tenure::{Hardlink, Lockfile, Memory, PosixSemaphore, Semaphore};

use crate::support::semaphore_name::SemaphoreName;
use crate::support::{Peer, Place, callback, place};
use crate::vocabulary::Contained;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Flock,
    Semaphore,
    PosixSemaphore,
    Hardlink,
    Memory,
    Callback,
}

/// A lockfile with a backend.
pub(crate) struct Ground {
    place: Place,
    lock: Lockfile,
    /// What makes a peer use the same backend.
    options: String,
    /// Removed in the end.
    _semaphore: Option<SemaphoreName>,
}

impl Kind {
    pub(crate) fn ground(self) -> Ground {
        let place = place();
        let lock = Lockfile::new(&place.path);
        let (lock, options) = match self {
            Self::Flock => (lock, String::new()),
            Self::Semaphore => (lock.backend(Semaphore), "semaphore".to_owned()),
            Self::PosixSemaphore => {
                let name = SemaphoreName::new();
                let backend = PosixSemaphore::new(&*name).unwrap();
                let options = format!("posix-semaphore={}", &*name);
                return Ground {
                    place,
                    lock: lock.backend(backend),
                    options,
                    _semaphore: Some(name),
                };
            }
            Self::Hardlink => (lock.backend(Hardlink), "hardlink".to_owned()),
            Self::Memory => (lock.backend(Memory::new()), "memory".to_owned()),
            Self::Callback => (lock.backend(callback()), "callback".to_owned()),
        };
        Ground { place, lock, options, _semaphore: None }
    }
}

impl Ground {
    pub(crate) fn path(&self) -> &Path {
        &self.place.path
    }

    /// Contends in this process; all of them are of one world.
    pub(crate) fn lockfile(&self) -> Lockfile {
        self.lock.clone()
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer::with(self.path(), &self.options)
    }

    pub(crate) fn holder(&self) -> Peer {
        let mut peer = self.peer();
        assert_eq!(peer.ask("try_lock"), "ok");
        peer
    }

    /// A holder in a container: with namespaces of its own, as its PID 1.
    pub(crate) fn contained(&self) -> Contained {
        let mut contained = Contained::with("-ipf --mount-proc", self.path(), &self.options);
        assert_eq!(contained.peer.ask("try_lock"), "ok");
        contained
    }
}
