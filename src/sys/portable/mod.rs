//! Every other Unix, by `sysinfo`: start times to the second, no namespaces, no boot id.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::sys::{FileId, Marks, exists};

/// Not known here.
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Not known here.
pub(crate) fn machine_id() -> Option<String> {
    None
}

/// There are none here.
pub(crate) fn pid_namespace() -> Option<u64> {
    None
}

/// There are none here.
pub(crate) fn time_namespace() -> Option<u64> {
    None
}

/// Not known here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn is_local(_file: &File) -> io::Result<Option<bool>> {
    Ok(None)
}

/// Not known here.
pub(crate) fn lock_holders(_id: FileId) -> Vec<u32> {
    Vec::new()
}

/// No lock goes from one process to another here.
pub(crate) fn send_rights(
    _stream: &UnixStream,
    _bytes: &[u8],
    _file: Option<&File>,
) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// As for [`send`].
pub(crate) fn receive_rights(
    _stream: &UnixStream,
    _bytes: &mut [u8],
) -> io::Result<(usize, Vec<OwnedFd>)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Nothing tells what happens to a file: whoever waits looks again and again.
#[derive(Debug)]
pub(crate) enum FileEvents {}

/// What is to be told of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    Closing,
    Writing,
    Place,
}

impl FileEvents {
    pub(crate) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn is_own(&self) -> bool {
        match *self {}
    }

    pub(crate) fn into_fd(self) -> OwnedFd {
        match self {}
    }

    pub(crate) fn from_fd(_fd: OwnedFd) -> Option<Self> {
        None
    }

    pub(crate) fn unwatch(&mut self) {
        match *self {}
    }

    pub(crate) fn watch<'a>(
        &mut self,
        _paths: impl IntoIterator<Item = (&'a Path, Interest)>,
    ) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn take(&self) -> bool {
        match *self {}
    }
}

impl AsFd for FileEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

/// Nothing tells what happens to a name, either.
#[derive(Debug)]
pub(crate) enum NameEvents {}

impl NameEvents {
    pub(crate) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn watch(&mut self, _path: &Path, _closes: bool) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn take(&self) -> bool {
        match *self {}
    }
}

impl AsFd for NameEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

/// Whoever waits looks for itself.
#[derive(Debug)]
pub(crate) struct Turnstile;

impl Turnstile {
    pub(crate) fn enter(_name: &str) -> Self {
        Self
    }

    pub(crate) fn pass_by() -> Self {
        Self
    }

    pub(crate) fn is_behind(&self) -> bool {
        false
    }

    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    pub(crate) fn advance(&mut self) -> Advance {
        Advance::None
    }

    pub(crate) fn leave(self, luggage: Option<OwnedFd>) -> Option<OwnedFd> {
        luggage
    }
}

/// Nothing changes.
#[derive(Debug)]
#[expect(dead_code, reason = "other platforms have more")]
pub(crate) enum Advance {
    None,
    First { luggage: Option<OwnedFd> },
    Anew,
}

/// Nothing tells of it here.
pub(crate) fn exit_event(_pid: u32) -> Option<OwnedFd> {
    None
}

/// Nothing tells of it here.
pub(crate) fn is_ending(_pid: u32) -> bool {
    false
}

/// Of what [`exit_event`] returned.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn has_exited(_event: &OwnedFd) -> io::Result<bool> {
    Ok(true)
}

/// What other platforms say with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Waits,
    Shares,
    Writes,
    Hands,
}

/// There are no marks here.
pub(crate) fn mark(_file: &File, _mark: Mark) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no marks here.
pub(crate) fn wait_to_mark(_file: &File, _mark: Mark) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no marks here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn unmark(_file: &File, _mark: Mark) -> io::Result<()> {
    Ok(())
}

/// There are no marks here.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn is_marked(_file: &File, _mark: Mark) -> io::Result<bool> {
    Ok(false)
}

/// The marks of this process.
pub(crate) fn own_process() -> Marks {
    look(std::process::id()).unwrap_or_default()
}

/// The marks of the process that has `pid`; `None` where there is none. Nothing holds it fast.
#[expect(clippy::unnecessary_wraps, reason = "other platforms ask the system")]
pub(crate) fn pin(pid: u32) -> io::Result<Option<(Option<OwnedFd>, Marks)>> {
    // sysinfo lists only what it may look at; kill(2) also knows the others.
    let marks = look(pid).or_else(|| exists(pid).then(Marks::default));
    Ok(marks.map(|marks| (None, marks)))
}

/// There is nothing to send it by.
pub(crate) fn send_rights(_pidfd: &OwnedFd, _signal: i32) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(nix::libc::ENOSYS))
}

/// The user of the process.
pub(crate) fn users(pid: u32) -> Option<[u32; 2]> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().with_user(sysinfo::UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    system.process(pid)?.user_id().map(|user| [**user; 2])
}

/// Not known here.
pub(crate) fn has_locked(_pid: u32, _file: FileId) -> bool {
    false
}

fn look(pid: u32) -> Option<Marks> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind);
    let start = system.process(pid)?.start_time();
    Some(Marks { start_ticks: Some(start), pidfd_inode: None })
}
