//! The device and the inode of a file.

use std::fmt;

/// Which file it is, while somebody holds it open: numbers are used again once a file is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(crate) fn of(device: u64, inode: u64) -> Self {
        Self { device, inode }
    }

    /// The number of its file system.
    pub(crate) fn device(self) -> u64 {
        self.device
    }

    /// Whether an open file with the number `other` may be this one.
    pub(crate) fn may_be(self, other: Self) -> bool {
        self == other
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.device, self.inode)
    }
}
