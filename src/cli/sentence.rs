//! An error of the library, as people are told of it.

use std::error::Error as _;

use tenure::Error;

/// An error and what caused it.
pub(crate) fn sentence(err: &Error) -> String {
    err.source().map_or_else(|| err.to_string(), |source| format!("{err}: {source}"))
}
