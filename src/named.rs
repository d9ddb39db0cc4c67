//! The place of a lock that has a name and no path.

use std::path::PathBuf;

use crate::error::{Error, Op, Result, failed};
use crate::sys;

/// The longest name of a file, in bytes, on every file system in use (`NAME_MAX`, limits.h).
const FILE_NAME_LIMIT: usize = 255;

/// The path of the lock called `name`.
pub(crate) fn path(name: &str) -> Result<PathBuf> {
    let file = file_name(name)?;
    let place = sys::name_place().map_err(|(place, err)| failed(Op::Place, &place)(err))?;
    Ok(place.join(file))
}

/// The name of the file: pure.
fn file_name(name: &str) -> Result<String> {
    let file = format!("{name}.lock");
    let broken = if name.is_empty() {
        "it is empty"
    } else if name.contains(['/', '\\']) {
        "it has a slash or a backslash"
    } else if name.contains('\0') {
        "it has a NUL"
    } else if name.contains(sys::UNFIT_FOR_NAMES) {
        "it has a character that a file's name cannot have here"
    } else if file.len() > FILE_NAME_LIMIT {
        "it is too long for a file"
    } else {
        return Ok(file);
    };
    Err(Error::InvalidName { name: name.to_owned(), reason: broken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_file() {
        assert_eq!(file_name("my-app").unwrap(), "my-app.lock");
        assert_eq!(file_name("..").unwrap(), "...lock");
    }

    #[test]
    fn a_name_that_is_no_file_is_refused() {
        for name in ["", "a/b", "a\\b", "a\0b", &"x".repeat(251)] {
            assert!(matches!(file_name(name), Err(Error::InvalidName { .. })), "{name:?}");
        }
        assert!(file_name(&"x".repeat(250)).is_ok());
    }
}
