//! `EVFILT_VNODE` of kqueue(2) - what happens to a file.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::libc::timespec;
use nix::sys::event::{EvFlags, EventFilter, FilterFlag, KEvent, Kqueue};

use crate::sys::file_id::FileId;
use crate::sys::interest::Interest;
use crate::sys::unix::file_stat::stat;
use crate::sys::unix::generation::Generation;
use crate::sys::unix::open::open_to_read;

/// What happens to the file at a path: that somebody removes it, moves it or writes to it.
///
/// That somebody unlocks or closes it, nothing tells: but who releases a lock writes to its file
/// before, or removes it.
#[derive(Debug)]
pub(crate) struct FileEvents {
    queue: Kqueue,
    watched: Vec<Watched>,
    /// Who opened it. A forked child does not inherit it.
    process: Generation,
}

/// A file that is open for nothing but to be watched.
#[derive(Debug)]
struct Watched {
    id: FileId,
    interest: Interest,
    _file: File,
}

impl Interest {
    fn flags(self) -> FilterFlag {
        let place = FilterFlag::NOTE_DELETE | FilterFlag::NOTE_RENAME | FilterFlag::NOTE_REVOKE;
        match self {
            Self::Place => place,
            Self::Closing | Self::Writing => {
                place | FilterFlag::NOTE_WRITE | FilterFlag::NOTE_EXTEND | FilterFlag::NOTE_LINK
            }
        }
    }
}

impl FileEvents {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { queue: Kqueue::new()?, watched: Vec::new(), process: Generation::current() })
    }

    /// Whether it is this process's, and not that of one that forked it.
    pub(crate) fn is_own(&self) -> bool {
        self.process == Generation::current()
    }

    pub(crate) fn into_fd(self) -> OwnedFd {
        self.queue.into()
    }

    /// A new one costs no more than one that was kept.
    pub(crate) fn from_fd(_fd: OwnedFd) -> Option<Self> {
        None
    }

    /// Watches what `paths` name, and nothing else; whether that is more than before, so that it has
    /// to be looked at again.
    pub(crate) fn watch<'a>(
        &mut self,
        paths: impl IntoIterator<Item = (&'a Path, Interest)>,
    ) -> io::Result<bool> {
        let (mut watched, mut more) = (Vec::new(), false);
        for (path, interest) in paths {
            let file = match open_to_read(path) {
                Ok(file) => file,
                // It has just gone.
                Err(err) if err.kind() == io::ErrorKind::NotFound => {
                    more = true;
                    continue;
                }
                Err(err) => return Err(err),
            };
            let id = stat(&file)?.id;
            let same = |it: &Watched| it.id == id && it.interest == interest;
            if let Some(former) = self.watched.iter().position(same) {
                watched.push(self.watched.swap_remove(former));
                continue;
            }
            self.add(&file, interest)?;
            watched.push(Watched { id, interest, _file: file });
            more = true;
        }
        // What is closed is not watched any more.
        self.watched = watched;
        Ok(more)
    }

    fn add(&self, file: &File, interest: Interest) -> io::Result<()> {
        use std::os::fd::AsRawFd;
        let file = usize::try_from(file.as_raw_fd()).map_err(io::Error::other)?;
        let flags = EvFlags::EV_ADD | EvFlags::EV_CLEAR;
        let event = KEvent::new(file, EventFilter::EVFILT_VNODE, flags, interest.flags(), 0, 0);
        self.queue.kevent(&[event], &mut [], None)?;
        Ok(())
    }

    /// Takes what has happened since the last time; whether anything has.
    pub(crate) fn take(&self) -> bool {
        const AT_ONCE: timespec = timespec { tv_sec: 0, tv_nsec: 0 };
        let flags = (EvFlags::empty(), FilterFlag::empty());
        let none = KEvent::new(0, EventFilter::EVFILT_VNODE, flags.0, flags.1, 0, 0);
        let mut events = [none; 16];
        self.queue.kevent(&[], &mut events, Some(AT_ONCE)).is_ok_and(|count| count > 0)
    }
}

impl AsFd for FileEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }
}
