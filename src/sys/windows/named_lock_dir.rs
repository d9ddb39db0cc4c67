//! The directory of locks that have a name and no path.

use std::env;
use std::io;
use std::path::PathBuf;

use super::permissions::create_private_directory;

/// A place that cannot be used, and why.
pub(crate) type Unusable = (PathBuf, io::Error);

/// What a name may not have, besides `/`, `\` and NUL: Windows would take it for something else than
/// a file's name, such as another stream of a file.
pub(crate) const UNFIT_FOR_NAMES: &[char] = &[':', '*', '?', '"', '<', '>', '|'];

/// The directory `tenure` in the user's own, which `LOCALAPPDATA` names.
pub(crate) fn name_place() -> Result<PathBuf, Unusable> {
    const VARIABLE: &str = "LOCALAPPDATA";
    let profile = env::var_os(VARIABLE).map(PathBuf::from).unwrap_or_default();
    if !profile.is_absolute() {
        let why = "LOCALAPPDATA has to name the user's own directory";
        return Err((profile, io::Error::new(io::ErrorKind::InvalidInput, why)));
    }
    let place = profile.join("tenure");
    match create_private_directory(&place) {
        Err(err) if err.kind() != io::ErrorKind::AlreadyExists => Err((place, err)),
        _ => Ok(place),
    }
}
