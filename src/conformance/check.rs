//! A check, and what it needs of a backend.

use super::stage::Stage;
use crate::backend::Scope;
use crate::protocol::Protocol;
use crate::sys;

/// One promise.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) needs: &'static [Need],
    /// Panics if the backend breaks it.
    pub(super) run: fn(Stage),
}

/// What a check presupposes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// That other processes are kept out.
    Processes,
    /// That there is a lock beneath the record, which can be asked for.
    Lock,
    /// That death frees that lock.
    FreedAtDeath,
    /// That many can share it.
    Sharing,
    /// That a process can be copied.
    Fork,
    /// That a system call can be interrupted.
    Signals,
}

impl Need {
    /// Why what is locked by `protocol` does not have it.
    fn missing(self, protocol: &dyn Protocol) -> Option<&'static str> {
        let primitive = protocol.primitive();
        let (there, reason) = match self {
            Self::Processes => {
                (primitive.scope > Scope::Process, "its lock reaches no other process")
            }
            Self::Lock => (protocol.backend().is_some(), "it has no lock beneath the record"),
            Self::FreedAtDeath => (
                primitive.freed_at_death,
                "death does not free its lock: it is for the record to tell",
            ),
            Self::Sharing => (protocol.can_share(), "its lock cannot be shared"),
            Self::Fork => (sys::CAN_FORK, "this system has no fork"),
            Self::Signals => (sys::CAN_INTERRUPT, "this system interrupts no wait"),
        };
        (!there).then_some(reason)
    }
}

impl Check {
    /// Why it does not apply to what is locked by `protocol`, if so.
    pub(super) fn obstacle(&self, protocol: &dyn Protocol) -> Option<&'static str> {
        self.needs.iter().find_map(|need| need.missing(protocol))
    }
}
