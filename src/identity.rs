//! Who this process is: what it writes about itself, and where it stands when it judges others.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::digest::disguise;
use crate::nonce;
use crate::record::Record;
use crate::sys::{self, Generation, Marks};
use crate::verdict::Standpoint;

/// The longest name of a host or a program that goes into a record, in bytes. (Linux allows 64
/// for a host.) With the limit on messages it bounds the size of a record.
const NAME_LIMIT: usize = 64;

/// What does not change while a process lives.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) generation: Generation,
    pub(crate) here: Standpoint,
    pub(crate) marks: Marks,
    pub(crate) program: Option<String>,
    /// Whether nothing is missing because descriptors or memory had run out.
    complete: bool,
}

impl Identity {
    /// The identity of the process that asks. Computed once in a process and, because a forked
    /// child is another process, once more in each of those. If descriptors or memory ran out, the
    /// next call computes it again.
    pub(crate) fn current() -> Arc<Self> {
        static CACHE: Mutex<Option<Arc<Identity>>> = Mutex::new(None);
        let generation = Generation::current();
        // Another thread may have had the mutex when this process was forked, and then it is never
        // unlocked here: so look without waiting, and compute what could not be looked up.
        let Ok(mut cached) = CACHE.try_lock() else { return Arc::new(Self::learn(generation)) };
        match &*cached {
            Some(identity) if identity.generation == generation => Arc::clone(identity),
            _ => {
                let identity = Arc::new(Self::learn(generation));
                if identity.complete {
                    *cached = Some(Arc::clone(&identity));
                }
                identity
            }
        }
    }

    /// What the process writes about itself, now and under a name that nobody else has.
    pub(crate) fn record(&self) -> Record {
        let here = &self.here;
        let now = sys::wall_clock();
        Record {
            version: 1,
            host: here.host.clone(),
            program: self.program.clone(),
            uid: sys::effective_uid(),
            boot_id: here.boot_id.clone(),
            machine: here.machine.clone(),
            pid_namespace: here.pid_namespace,
            time_namespace: here.time_namespace,
            start_ticks: self.marks.start_ticks,
            pidfd_inode: self.marks.pidfd_inode,
            acquired_at: Some(now),
            nonce: Some(nonce::fresh(here.pid, now)),
            ..Record::bare(here.pid)
        }
    }

    fn learn(generation: Generation) -> Self {
        let program = std::env::args_os().next().and_then(|argument| {
            let name = Path::new(&argument).file_name()?;
            Some(name.to_string_lossy().into_owned())
        });
        let mut complete = true;
        Self {
            here: Standpoint {
                host: sys::host_name().map(shorten),
                boot_id: unless_short(sys::boot_id(), &mut complete),
                machine: unless_short(sys::machine_id(), &mut complete).map(|id| disguise(&id)),
                pid_namespace: unless_short(sys::pid_namespace(), &mut complete),
                time_namespace: unless_short(sys::time_namespace(), &mut complete),
                pid: std::process::id(),
            },
            generation,
            marks: unless_short(sys::own_process(), &mut complete),
            program: program.map(shorten),
            complete,
        }
    }
}

/// The answer. If a shortage prevented it: nothing, and the identity is not `complete`.
fn unless_short<T: Default>(answer: io::Result<T>, complete: &mut bool) -> T {
    answer.unwrap_or_else(|_| {
        *complete = false;
        T::default()
    })
}

/// At most [`NAME_LIMIT`] bytes of a name.
pub(crate) fn shorten(mut name: String) -> String {
    let mut end = name.len().min(NAME_LIMIT);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(shorten("é".repeat(40)), "é".repeat(32));
        assert_eq!(shorten(format!("x{}", "é".repeat(40))), format!("x{}", "é".repeat(31)));
    }

    #[test]
    fn an_identity_is_learned_once() {
        assert!(Arc::ptr_eq(&Identity::current(), &Identity::current()));
    }
}
