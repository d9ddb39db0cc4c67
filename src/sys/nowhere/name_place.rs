//! The directory of locks that have a name and no path.

use std::io;
use std::path::PathBuf;

use crate::sys::create_private_directory;

/// A place that cannot be used, and why.
pub(crate) type Unusable = (PathBuf, io::Error);

pub(crate) const UNFIT_FOR_NAMES: &[char] = &[];

/// There is none.
pub(crate) fn name_place() -> Result<PathBuf, Unusable> {
    let place = PathBuf::new();
    match create_private_directory(&place) {
        Err(err) => Err((place, err)),
        Ok(()) => Ok(place),
    }
}
