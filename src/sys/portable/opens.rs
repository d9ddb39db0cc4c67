//! Whether anybody else has a file open, where nothing tells.

use std::fs::File;

use crate::sys::FileId;
use crate::sys::opened::Opened;

/// Nobody tells here.
pub(crate) const TELLS_OPENS: bool = false;

/// Not known here.
pub(crate) fn opened_elsewhere(_file: &File, _id: FileId) -> Opened {
    Opened::Untold
}
