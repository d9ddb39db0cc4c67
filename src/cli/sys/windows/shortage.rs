//! What the system has run out of, which is nobody's fault who calls the program.

use std::io::{self, ErrorKind};

use windows_sys::Win32::Foundation::{
    ERROR_COMMITMENT_LIMIT, ERROR_NO_SYSTEM_RESOURCES, ERROR_TOO_MANY_OPEN_FILES,
};

/// Whether `err` says that there are no more handles, or no more memory, at the moment.
pub(crate) fn is_shortage(err: &io::Error) -> bool {
    let short = [ERROR_COMMITMENT_LIMIT, ERROR_NO_SYSTEM_RESOURCES, ERROR_TOO_MANY_OPEN_FILES];
    let code = err.raw_os_error().and_then(|code| u32::try_from(code).ok());
    err.kind() == ErrorKind::OutOfMemory || code.is_some_and(|code| short.contains(&code))
}
