//! inotify(7) - what happens to a file.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use nix::unistd::read;

use crate::sys::interest::Interest;
use crate::sys::unix::generation::Generation;

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
    watched: Vec<WatchDescriptor>,
    /// Who opened it. A forked child has a copy, and would take the events of its parent.
    process: Generation,
}

impl Interest {
    fn flags(self) -> AddWatchFlags {
        let gone = AddWatchFlags::IN_MOVE_SELF | AddWatchFlags::IN_DELETE_SELF;
        let file = gone | AddWatchFlags::IN_DONT_FOLLOW | AddWatchFlags::IN_ATTRIB;
        match self {
            Self::Closing => file | AddWatchFlags::IN_CLOSE,
            Self::Writing => file | AddWatchFlags::IN_MODIFY,
            // Of a directory, the rest tells of all that is in it.
            Self::Place => gone | AddWatchFlags::IN_ONLYDIR,
        }
    }
}

impl FileEvents {
    /// # Errors
    ///
    /// `EMFILE`: also, that this user has too many of them (`fs.inotify.max_user_instances`, 128).
    pub(crate) fn new() -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        Ok(Self { inotify, watched: Vec::new(), process: Generation::current() })
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

    /// What another process of this user gave away; `None` if it is of no use.
    pub(crate) fn from_fd(fd: OwnedFd) -> Option<Self> {
        // Whatever it is, to read it must not wait.
        fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).ok()?;
        let events =
            Self { inotify: adopt(fd), watched: Vec::new(), process: Generation::current() };
        events.take();
        Some(events)
    }

    /// Watches nothing any more.
    pub(crate) fn unwatch(&mut self) {
        for watched in self.watched.drain(..) {
            // It has gone by itself if the file has.
            let _ = self.inotify.rm_watch(watched);
        }
    }

    /// Watches what `paths` name, and nothing else; whether that is more than before, so that it has
    /// to be looked at again.
    pub(crate) fn watch<'a>(
        &mut self,
        paths: impl IntoIterator<Item = (&'a Path, Interest)>,
    ) -> io::Result<bool> {
        let (mut watched, mut more) = (Vec::new(), false);
        for (path, interest) in paths {
            match self.inotify.add_watch(path, interest.flags()) {
                Ok(watch) => {
                    more |= !self.watched.contains(&watch);
                    watched.push(watch);
                }
                // It has just gone.
                Err(Errno::ENOENT) => more = true,
                Err(err) => return Err(err.into()),
            }
        }
        self.watched.retain(|former| !watched.contains(former));
        self.unwatch();
        self.watched = watched;
        Ok(more)
    }

    /// Takes what has happened since the last time; whether anything has. What it was does not
    /// matter, and is not looked at: the descriptor may come from another process.
    pub(crate) fn take(&self) -> bool {
        let mut any = false;
        let mut events = [0; 4096];
        // Bounded, because others may make events faster than we read them.
        for _ in 0..READS {
            match read(&self.inotify, &mut events) {
                Ok(length) if length > 0 => any = true,
                _ => break,
            }
        }
        any
    }
}

/// How many reads at most take what has happened.
const READS: u32 = 16;

impl AsFd for FileEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}

#[expect(unsafe_code, reason = "nix takes raw descriptors only")]
fn adopt(fd: OwnedFd) -> Inotify {
    // SAFETY: the descriptor was owned, and is given up here. If it is none of inotify, the kernel
    // refuses to watch with it, and what is read from it is not looked at.
    unsafe { Inotify::from_raw_fd(fd.into_raw_fd()) }
}
