//! `CreateFileW` - opening files without following links, and in spite of who looks at them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION, ERROR_USER_MAPPED_FILE,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES,
};

use super::error::{is, is_being_removed};

/// For how long is waited for a program that lets nobody else use a file: virus scanners, search
/// indexers and backups do so to what was just written, for moments.
const PATIENCE: Duration = Duration::from_secs(2);
const FIRST_STEP: Duration = Duration::from_micros(500);
const LONGEST_STEP: Duration = Duration::from_millis(50);

/// How to open. All may read, write and remove at the same time, as far as it is for us to say;
/// that is std's way, too.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    options
}

/// Opens whatever `path` names, to be looked at from the outside: neither is it locked out, nor
/// does it lock out others.
pub(super) fn open_to_look(path: &Path) -> io::Result<File> {
    options()
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)
}

/// Opens `path`. A file that is being removed is not found.
pub(super) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    find(|| options.open(path))
}

/// What is being removed is not waited for: it goes with its last handle, which may be its holder's.
fn find<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    patiently(|| {
        attempt().map_err(|err| match is_being_removed(&err) {
            true => io::ErrorKind::NotFound.into(),
            false => err,
        })
    })
}

/// Creates `path`, once what is being removed there has gone.
pub(super) fn create(options: &OpenOptions, path: &Path) -> io::Result<File> {
    patiently(|| options.open(path))
}

/// Goes on trying while another program is in the way that will be gone in a moment.
#[expect(clippy::disallowed_methods, reason = "nothing tells that a handle of another is closed")]
pub(super) fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let (mut began, mut step) = (None, FIRST_STEP);
    loop {
        let err = match attempt() {
            Err(err) if is_momentary(&err) => err,
            result => return result,
        };
        if began.get_or_insert_with(Instant::now).elapsed() >= PATIENCE {
            let why = format!("another program has the file open and does not share it: {err}");
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, why));
        }
        std::thread::sleep(step);
        step = (step * 2).min(LONGEST_STEP);
    }
}

fn is_momentary(err: &io::Error) -> bool {
    [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_USER_MAPPED_FILE]
        .iter()
        .any(|number| is(err, *number))
        || is_being_removed(err)
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::Foundation::{RtlNtStatusToDosError, STATUS_DELETE_PENDING};

    use super::*;

    /// As an open fails of a file that `del` removes on FAT while somebody has it open.
    #[expect(unsafe_code, reason = "nothing safe sets the status of a thread")]
    fn being_removed() -> io::Error {
        // SAFETY: takes a number, and keeps it in this thread.
        let number = unsafe { RtlNtStatusToDosError(STATUS_DELETE_PENDING) };
        io::Error::from_raw_os_error(number.try_into().unwrap())
    }

    #[test]
    fn what_is_being_removed_is_not_found_at_once() {
        let mut attempts = 0;
        let found: io::Result<()> = find(|| {
            attempts += 1;
            Err(being_removed())
        });
        assert_eq!(found.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(attempts, 1);
    }

    #[test]
    fn whoever_shares_nothing_for_a_moment_is_waited_for() {
        let mut others = vec![ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION];
        let found = find(|| match others.pop() {
            Some(number) => Err(io::Error::from_raw_os_error(number.try_into().unwrap())),
            None => Ok("here"),
        });
        assert_eq!(found.unwrap(), "here");
    }
}
