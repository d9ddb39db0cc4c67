//! inotify(7) - what happens to a file.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

use crate::sys::Generation;

/// What happens to the file at a path: that somebody closes it, removes it, or moves it.
///
/// Its directory is not watched. A removal and a rename are events of the file itself
/// (`IN_ATTRIB`, because its number of names changes, and `IN_MOVE_SELF`), and so nobody is woken
/// by what happens to its neighbours, of which a directory for temporary files has many.
///
/// Not to be closed by who is in a hurry: that takes up to 20 ms (Linux 6.18: it waits for the end
/// of an RCU grace period), where opening it takes 5 µs.
#[derive(Debug)]
pub(crate) struct FileEvents {
    inotify: Inotify,
    watched: Option<WatchDescriptor>,
    /// Who opened it. A forked child has a copy, and would take the events of its parent.
    process: Generation,
}

impl FileEvents {
    /// # Errors
    ///
    /// `EMFILE`: also, that this user has too many of them (`fs.inotify.max_user_instances`, 128).
    pub(crate) fn new() -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        Ok(Self { inotify, watched: None, process: Generation::current() })
    }

    /// Whether it is this process's, and not that of one that forked it.
    pub(crate) fn is_own(&self) -> bool {
        self.process == Generation::current()
    }

    /// The bare descriptor, which watches nothing any more, to be given away.
    pub(crate) fn into_fd(mut self) -> OwnedFd {
        self.unwatch();
        self.inotify.into()
    }

    /// What somebody else gave away.
    pub(crate) fn from_fd(fd: OwnedFd) -> Self {
        let events = Self { inotify: adopt(fd), watched: None, process: Generation::current() };
        events.take();
        events
    }

    /// Watches nothing any more.
    pub(crate) fn unwatch(&mut self) {
        if let Some(watched) = self.watched.take() {
            // It has gone by itself if the file has.
            let _ = self.inotify.rm_watch(watched);
        }
    }

    /// Watches what `path` names; whether that is another file than before, so that it has to be
    /// looked at again. `closes`: whether that somebody closes it is to be told, which includes
    /// the caller.
    pub(crate) fn watch(&mut self, path: &Path, closes: bool) -> io::Result<bool> {
        let mut flags = AddWatchFlags::IN_DONT_FOLLOW
            | AddWatchFlags::IN_ATTRIB
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_DELETE_SELF;
        if closes {
            flags |= AddWatchFlags::IN_CLOSE;
        } else {
            // Who does not lock the file tells by writing.
            flags |= AddWatchFlags::IN_MODIFY;
        }
        let watch = match self.inotify.add_watch(path, flags) {
            Ok(watch) => Some(watch),
            // It has just gone.
            Err(Errno::ENOENT) => None,
            Err(err) => return Err(err.into()),
        };
        if watch.is_some() && watch == self.watched {
            return Ok(false);
        }
        self.unwatch();
        self.watched = watch;
        Ok(true)
    }

    /// Takes what has happened since the last time; whether anything has.
    pub(crate) fn take(&self) -> bool {
        let mut any = false;
        while self.inotify.read_events().is_ok_and(|events| !events.is_empty()) {
            any = true;
        }
        any
    }
}

impl AsFd for FileEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

#[expect(unsafe_code, reason = "nix takes raw descriptors only")]
fn adopt(fd: OwnedFd) -> Inotify {
    // SAFETY: the descriptor was owned, and is given up here. That it is one of inotify is what
    // its sender says, who is of this user; of any other, reading fails.
    unsafe { Inotify::from_raw_fd(fd.into_raw_fd()) }
}
