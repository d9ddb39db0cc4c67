//! Where flock(2) and the locks of fcntl(2) know nothing of each other, and where they are one.

use std::fs::File;
use std::io;

use crate::sabotage::{self, Guard};
use crate::sys::{self, Mode};

/// What the file system lets a lockfile be locked with.
///
/// On a local file system flock(2) and the locks of fcntl(2) know nothing of each other: the holder
/// takes both, so that it excludes the users of both. Elsewhere flock(2) can itself be a lock on bytes
/// (NFS, SMB), or the daemon of a FUSE file system can own all of them, and the holder would exclude
/// itself: there, the bytes are only asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    Local,
    Elsewhere,
    /// Not even asking leaves others undisturbed (SMB); and flock(2) excludes all of them.
    Undivided,
}

impl Ground {
    pub(super) fn of(file: &File) -> Self {
        match sys::file_system(file) {
            Ok(it) if it.is_local() => Self::Local,
            Ok(it) if it.asks_by_locking => Self::Undivided,
            _ => Self::Elsewhere,
        }
    }

    /// Whether a shared flock(2) without a mark is a stranger's.
    pub(super) fn is_strict(self) -> bool {
        self == Self::Local && sys::TELLS_READERS
    }

    /// Whether somebody has a lock on bytes that excludes `mode`; to be asked before flock(2).
    pub(super) fn is_taken_by_bytes(self, file: &File, mode: Mode) -> io::Result<bool> {
        let asks = self == Self::Elsewhere && !sabotage::without(Guard::Bytes);
        Ok(asks && sys::conflicting_bytes(file, mode)?.is_some())
    }

    /// Locks the bytes as well, after flock(2); whether both are locked now. If not, neither is.
    pub(super) fn lock_bytes(self, file: &File, mode: Mode) -> io::Result<bool> {
        if self != Self::Local || sabotage::without(Guard::Bytes) {
            return Ok(true);
        }
        let locked = sys::lock_bytes(file, mode);
        if !matches!(locked, Ok(true)) {
            sys::release(file)?;
        }
        locked
    }
}
