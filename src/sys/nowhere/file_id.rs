//! Numbers of files, of which there are none.

use std::fmt;

/// Of no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId;

impl FileId {
    pub(crate) fn device(self) -> u64 {
        0
    }

    pub(crate) fn may_be(self, other: Self) -> bool {
        self == other
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("none")
    }
}
