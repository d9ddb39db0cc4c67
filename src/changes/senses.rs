//! What tells that a lockfile has changed.

use std::fs::File;
use std::path::Path;

use crate::exit::Exit;
use crate::probe;
use crate::status::{State, Status};
use crate::sys::{self, AsFd, BorrowedFd, NameEvents};

/// What happens to the lockfile and to its holder.
#[derive(Debug, Default)]
pub(super) struct Senses {
    /// `None` at first, and where the system has none, or no more.
    events: Option<NameEvents>,
    /// Whether the file is watched.
    sees_file: bool,
    exit: Option<Exit>,
}

impl Senses {
    /// Watches the file at `path`, which is absolute, for all that happens to it; `closes` as of
    /// [`NameEvents::watch`].
    pub(super) fn arm_file(&mut self, path: &Path, closes: bool) {
        if self.events.is_none() {
            self.events = NameEvents::new().ok();
        }
        let events = self.events.as_mut();
        self.sees_file = events.is_some_and(|events| events.watch(path, closes).is_ok());
    }

    /// Watches the process that holds according to `seen`; whether that is news, so that it has to
    /// be looked at again.
    pub(super) fn arm_process(&mut self, seen: Option<&Status>) -> bool {
        let held = seen.filter(|seen| seen.state() == State::Held);
        let pid = held.and_then(Status::holder).and_then(|it| probe::pid_here(it.record()));
        Exit::watch(&mut self.exit, pid)
    }

    /// Whether nothing can happen to what was `seen` at `path`, in `file` if there is one, without
    /// an event.
    pub(super) fn tell_all(&self, seen: Option<&Status>, file: Option<&File>, path: &Path) -> bool {
        let Some(seen) = seen else { return false };
        self.sees_file && self.speak_for_holder(seen) && is_local(file, path)
    }

    fn speak_for_holder(&self, seen: &Status) -> bool {
        let Some(holder) = seen.holder() else {
            // Where there is no file, one has to be made. In one without a record, somebody may have
            // the lock who writes none.
            return seen.verdict().is_none();
        };
        let record = holder.record();
        // The kernel closes the file of a holder that dies, and others keep their process.
        let ends_with_file = seen.state() != State::Held || record.backend.is_none();
        let sees_process = self.exit.as_ref().and_then(Exit::fd).is_some();
        !record.is_legacy() && (ends_with_file || sees_process)
    }

    /// What becomes readable when there is reason to look.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.events.iter().map(AsFd::as_fd).chain(self.exit.as_ref().and_then(Exit::fd))
    }

    /// Takes what has happened; whether anything has.
    pub(super) fn take(&mut self) -> bool {
        let happened = self.events.as_ref().is_some_and(NameEvents::take);
        let ended = self.exit.as_mut().is_some_and(Exit::take);
        happened || ended
    }
}

/// Whether no other host can change what is at `path`.
pub(super) fn is_local(file: Option<&File>, path: &Path) -> bool {
    if let Some(file) = file {
        return sys::is_surely_local(file);
    }
    // With a dot, nothing is opened that is no directory: a FIFO would be waited for.
    let mut directories = path.ancestors().skip(1).map(|directory| directory.join("."));
    let directory = directories.find_map(|directory| File::open(directory).ok());
    directory.as_ref().is_some_and(sys::is_surely_local)
}
