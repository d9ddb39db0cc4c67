//! What tells that a lockfile may be free.

use std::fs::File;
use std::path::Path;

use crate::digest::digest;
use crate::exit::Exit;
use crate::outcome::Busy;
use crate::probe;
use crate::sys::{self, Advance, AsFd, BorrowedFd, FileEvents, Interest, Turnstile};

/// A place at the turnstile and, at its front, what happens to the lockfile and to its holder.
#[derive(Debug)]
pub(super) struct Senses {
    turnstile: Turnstile,
    /// `None` where the system has none, or no more, and while somebody else watches.
    events: Option<FileEvents>,
    /// Kept from an earlier wait, to be used in place of new ones.
    spare: Option<FileEvents>,
    exit: Option<Exit>,
    /// Whether the file cannot be watched.
    blind: bool,
    /// Whether events tell of all that happens to the file, on whatever host.
    reliable: bool,
}

impl Senses {
    pub(super) fn of(path: &Path, spare: Option<FileEvents>) -> Self {
        Self::at(Turnstile::enter(&name(path)), spare)
    }

    /// Of one who is in nobody's way, and watches in any case.
    pub(super) fn apart() -> Self {
        Self::at(Turnstile::pass_by(), None)
    }

    fn at(turnstile: Turnstile, spare: Option<FileEvents>) -> Self {
        Self { turnstile, events: None, spare, exit: None, blind: false, reliable: false }
    }

    /// Ends the wait; returns what is to be kept for the next.
    pub(super) fn leave(self) -> Option<FileEvents> {
        // In a forked child they are its parent's, and are only closed.
        let events = self.events.filter(FileEvents::is_own);
        let luggage = self.turnstile.leave(events.map(FileEvents::into_fd));
        luggage.and_then(FileEvents::from_fd).or(self.spare)
    }

    /// Whether it is somebody else who watches.
    pub(super) fn is_behind(&self) -> bool {
        self.turnstile.is_behind()
    }

    /// Whether the events that are watched for tell of all that happens.
    pub(super) fn is_reliable(&self) -> bool {
        self.reliable
    }

    /// Watches what `busy` was said of; whether that is new, so that it has to be looked at again.
    ///
    /// Arm, look, wait: between the look that found it busy and the arming, it may have become
    /// free, and nothing would tell of that.
    pub(super) fn arm(&mut self, path: &Path, busy: &Busy) -> bool {
        if self.is_behind() {
            return false;
        }
        let file = self.watch_file(path, busy.file.as_ref());
        // In this order: also where nothing is new about the file, a holder may be.
        self.watch_process(busy.holder.as_ref().and_then(|holder| probe::pid_here(holder.record())))
            || file
    }

    fn watch_file(&mut self, path: &Path, file: Option<&File>) -> bool {
        if self.blind {
            return false;
        }
        if self.events.is_none() {
            self.events = self.spare.take().or_else(|| FileEvents::new().ok());
        }
        // Without a file that is kept open, every look opens and closes it, and to be told of
        // that would be to look for ever.
        // Who does not lock the file tells by writing.
        let interest = if file.is_some() { Interest::Closing } else { Interest::Writing };
        let watched = self.events.as_mut().map(|events| events.watch([(path, interest)]));
        let Some(Ok(new)) = watched else {
            // It would not help to try again at each look, and to close one takes long.
            (self.blind, self.reliable) = (true, false);
            self.spare = self.events.take();
            return false;
        };
        if new {
            self.reliable = file.is_some_and(sys::is_surely_local);
        }
        new
    }

    fn watch_process(&mut self, pid: Option<u32>) -> bool {
        Exit::watch(&mut self.exit, pid)
    }

    /// What becomes readable when there is reason to look.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let watches = !self.is_behind();
        let events = self.events.as_ref().filter(|_| watches).map(AsFd::as_fd);
        let pidfd = self.exit.as_ref().filter(|_| watches).and_then(Exit::fd);
        self.turnstile.fd().into_iter().chain(events).chain(pidfd)
    }

    /// Takes what has happened; whether anything has.
    pub(super) fn take(&mut self) -> bool {
        let advanced = match self.turnstile.advance() {
            Advance::None => false,
            Advance::Anew => true,
            Advance::First { luggage } => {
                self.events = luggage.and_then(FileEvents::from_fd);
                true
            }
        };
        let happened = self.events.as_ref().is_some_and(FileEvents::take);
        let ended = self.exit.as_mut().is_some_and(Exit::take);
        advanced || happened || ended
    }
}

/// A name for all who wait for the lockfile at `path`, whatever file that is from one time to the
/// next: by its directory, and its name there.
fn name(path: &Path) -> String {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let dir = sys::directory(dir).map(|id| id.to_string()).unwrap_or_default();
    let name = path.file_name().unwrap_or(path.as_os_str());
    format!("{dir}-{:016x}", digest(name.as_encoded_bytes()))
}
