//! The volume and the number of a file.

use std::fmt;

/// Which file it is, while somebody holds it open: numbers are used again once a file is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId {
    volume: u64,
    number: u128,
}

impl FileId {
    pub(super) fn of(volume: u64, number: u128) -> Self {
        Self { volume, number }
    }

    /// The serial number of its volume.
    pub(crate) fn device(self) -> u64 {
        self.volume
    }

    /// Whether an open file with the number `other` may be this one. Wine (8.0) shows no volume for a
    /// file that is renamed or removed while it is open.
    pub(crate) fn may_be(self, other: Self) -> bool {
        self.number == other.number && (self.volume == other.volume || other.volume == 0)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.volume, self.number)
    }
}
