//! What a check is given.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::contender::Contender;
use super::files::open;
use crate::backend::{Admission, Backend, Scope};
use crate::lockfile::Lockfile;

/// A lockfile that nobody holds, in a directory without other files, and those who contend for it.
pub(super) struct Stage {
    lock: Lockfile,
    candidate: String,
}

impl Stage {
    pub(super) fn new(lock: Lockfile, candidate: &str) -> Self {
        Self { lock, candidate: candidate.to_owned() }
    }

    pub(super) fn path(&self) -> &Path {
        self.lock.path()
    }

    /// The lock beneath the record.
    pub(super) fn backend(&self) -> &dyn Backend {
        self.lock.protocol().backend().expect("this check is for those that have one")
    }

    pub(super) fn has_backend(&self) -> bool {
        self.lock.protocol().backend().is_some()
    }

    /// A value that contends, for this thread.
    pub(super) fn lock(&self) -> Lockfile {
        self.lock.clone()
    }

    /// One that holds.
    pub(super) fn held(&self) -> Lockfile {
        let mut lock = self.lock();
        lock.try_lock().expect("nobody holds the lock");
        lock
    }

    /// A contender who is another thread of this process.
    pub(super) fn thread(&self) -> Contender {
        Contender::thread(self.lock()).expect("a thread can be started")
    }

    /// A contender who is another process.
    pub(super) fn process(&self) -> Contender {
        Contender::process(&self.candidate, self.path()).expect("a process can be started")
    }

    /// A contender as far away as the lock reaches.
    pub(super) fn contender(&self) -> Contender {
        if self.lock.protocol().primitive().scope > Scope::Process {
            self.process()
        } else {
            self.thread()
        }
    }

    /// Asks the backend itself, as whoever has opened the file for it: no record is looked at.
    pub(super) fn ask(&self, file: &File) -> Admission {
        self.backend().try_lock(file, self.path()).expect("the file can be locked")
    }

    pub(super) fn open(&self) -> File {
        open(self.path()).expect("the file can be opened")
    }

    /// The names in the directory.
    pub(super) fn names(&self) -> Vec<PathBuf> {
        let directory = self.path().parent().expect("the path is absolute");
        let entries = fs::read_dir(directory).expect("the directory can be read");
        entries.map(|entry| entry.expect("the directory can be read").path()).collect()
    }

    /// Checks that the lock is free, and that all that there was has gone, but for a file that a check
    /// has made itself: that stays. No file is open any more: there are systems where one that was
    /// removed goes with its last handle.
    #[expect(clippy::disallowed_methods, reason = "no check holds the lock any more")]
    pub(super) fn leave(self) {
        let mut last = self.held();
        let found = last.record().is_some_and(|record| record.found);
        last.unlock().expect("it is held, and nobody else was admitted");
        if found {
            fs::remove_file(self.path()).expect("what was there before stays");
        }
        assert_eq!(self.names(), [] as [PathBuf; 0], "nothing may stay in the directory");
    }
}
