//! inotify(7) - what happens to a name, and to the file that has it.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{
    AddWatchFlags as Flags, InitFlags, Inotify, InotifyEvent, WatchDescriptor,
};

/// What tells that the file has changed, but for its being closed.
const OF_FILE: Flags = Flags::IN_DONT_FOLLOW
    .union(Flags::IN_ATTRIB)
    .union(Flags::IN_MODIFY)
    .union(Flags::IN_MOVE_SELF)
    .union(Flags::IN_DELETE_SELF);

/// What tells that the name may have come, or gone.
const OF_DIRECTORY: Flags = Flags::IN_ONLYDIR
    .union(Flags::IN_CREATE)
    .union(Flags::IN_DELETE)
    .union(Flags::IN_MOVE)
    .union(Flags::IN_MOVE_SELF)
    .union(Flags::IN_DELETE_SELF);

/// How many times at most events are read at once: others may make them faster than we read them.
const READS: u32 = 16;

/// What happens to the file at a path, and that one comes to be there: also where its directory is
/// still to be made. What happens to its neighbours wakes whoever polls this, but counts for
/// nothing.
///
/// Not seen: that a directory further up is moved, and that something is mounted over the path.
#[derive(Debug)]
pub(crate) struct NameEvents {
    inotify: Inotify,
    file: Option<WatchDescriptor>,
    directory: Option<WatchDescriptor>,
    /// The name that is awaited in the directory.
    name: OsString,
}

impl NameEvents {
    /// # Errors
    ///
    /// `EMFILE`: also, that this user has too many of them (`fs.inotify.max_user_instances`, 128).
    pub(crate) fn new() -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        Ok(Self { inotify, file: None, directory: None, name: OsString::new() })
    }

    /// Watches `path`, which is absolute, as it is now: what happens from now on will be told.
    /// `closes`: whether that somebody closes the file is to be told, which includes the caller.
    ///
    /// # Errors
    ///
    /// The system does not let this process watch it: not all that happens will be told.
    pub(crate) fn watch(&mut self, path: &Path, closes: bool) -> io::Result<()> {
        // The directory first: between the two another file may come, and then that is told.
        self.watch_directory(path)?;
        let flags = if closes { OF_FILE | Flags::IN_CLOSE } else { OF_FILE };
        let file = match self.inotify.add_watch(path, flags) {
            Ok(watch) => Some(watch),
            Err(Errno::ENOENT | Errno::ENOTDIR) => None,
            Err(err) => return Err(err.into()),
        };
        let former = std::mem::replace(&mut self.file, file);
        self.unwatch(former.filter(|former| Some(*former) != file));
        Ok(())
    }

    /// Watches the directory of `path`, or the nearest above it that there is.
    fn watch_directory(&mut self, path: &Path) -> io::Result<()> {
        let mut name = path.file_name();
        for directory in path.ancestors().skip(1) {
            match self.inotify.add_watch(directory, OF_DIRECTORY) {
                Ok(watch) => {
                    let former = self.directory.replace(watch);
                    self.unwatch(former.filter(|former| *former != watch));
                    name.unwrap_or_default().clone_into(&mut self.name);
                    return Ok(());
                }
                Err(Errno::ENOENT | Errno::ENOTDIR) => name = directory.file_name(),
                Err(err) => return Err(err.into()),
            }
        }
        Err(Errno::ENOENT.into())
    }

    fn unwatch(&self, former: Option<WatchDescriptor>) {
        if let Some(former) = former {
            // It has gone by itself if the file has.
            let _ = self.inotify.rm_watch(former);
        }
    }

    /// Takes what has happened since the last time; whether any of it is about the path.
    pub(crate) fn take(&self) -> bool {
        let mut any = false;
        for _ in 0..READS {
            match self.inotify.read_events() {
                Ok(events) => any |= events.iter().any(|event| self.matters(event)),
                Err(Errno::EINTR) => {}
                Err(_) => break,
            }
        }
        any
    }

    fn matters(&self, event: &InotifyEvent) -> bool {
        // A neighbour is an event of the directory with another name. Anything else may matter: an
        // overflow, that the directory itself has gone, that a watch has ended.
        let neighbour = event.name.as_ref().is_some_and(|name| *name != self.name);
        Some(event.wd) != self.directory || !neighbour
    }
}

impl AsFd for NameEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}
