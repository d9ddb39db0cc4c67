//! The frame of a mutex, within which the number of a thread means one thread, and what files say
//! of theirs.

use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::sys::{self, MUTEX_FILE, MUTEX_HEADER};

/// What every file of a mutex begins with: whose it is, and the version of its layout.
const MARK: &str = "tenure robust mutex 1\n";

/// The name of this kind of lock, in records and messages.
pub(super) const NAME: &str = "robust-mutex";

/// The boot, the PID namespace and the C library of a mutex, as its file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame(String);

/// What a file is, to whoever stands in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing yet: nobody uses it.
    Unfinished,
    /// A mutex that can be used from here.
    Ours,
    /// A mutex of another boot, PID namespace or C library.
    Elsewhere,
    /// Something else.
    Foreign,
}

impl Frame {
    /// That of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there are no robust mutexes, or it cannot be told.
    pub(super) fn of(identity: &Identity, path: &Path) -> Result<Self> {
        let Some(abi) = sys::mutex_abi() else {
            return Err(Self::unsupported(path, "this platform has none; use a Lockfile"));
        };
        match (sys::mutex_boot(), identity.here.pid_namespace) {
            (Some(boot), Some(namespace)) => {
                Ok(Self(format!("{MARK}boot {boot} pid-namespace {namespace} {abi}\n")))
            }
            _ => Err(Self::unsupported(
                path,
                "whose threads it would be about cannot be told; mount /proc, or use a Lockfile",
            )),
        }
    }

    /// What the file begins with once the mutex is made.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The header before.
    pub(super) fn unfinished() -> Vec<u8> {
        let mut header = MARK.as_bytes().to_vec();
        header.resize(MUTEX_HEADER, 0);
        header
    }

    /// What a file with these bytes is. Those behind the first few are not looked at if it is ours.
    pub(super) fn judge(&self, bytes: &[u8]) -> Seen {
        let head = without_padding(&bytes[..bytes.len().min(MUTEX_HEADER)]);
        // Shorter than the mark: what a crash or a full disk has left of the first write.
        let begun = MARK.as_bytes().starts_with(head) && without_padding(bytes) == head;
        match bytes.len() {
            ..=MUTEX_FILE if begun => Seen::Unfinished,
            MUTEX_FILE if head == MARK.as_bytes() => Seen::Unfinished,
            MUTEX_FILE if head == self.0.as_bytes() => Seen::Ours,
            MUTEX_FILE if head.starts_with(MARK.as_bytes()) => Seen::Elsewhere,
            _ => Seen::Foreign,
        }
    }

    /// Processes of another frame use the mutex.
    pub(super) fn refusal(path: &Path) -> Error {
        Self::unsupported(
            path,
            "processes of another PID namespace use it, or ones with another C library, to which \
             the numbers of threads here mean others; use a Lockfile between containers",
        )
    }

    pub(super) fn unsupported(path: &Path, remedy: &'static str) -> Error {
        Error::Unsupported {
            path: path.to_owned(),
            backend: NAME.to_owned(),
            remedy,
            source: io::ErrorKind::Unsupported.into(),
        }
    }
}

fn without_padding(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(text: &str, length: usize) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(length, 0);
        bytes
    }

    fn judge(bytes: &[u8]) -> Seen {
        Frame(format!("{MARK}here\n")).judge(bytes)
    }

    #[test]
    fn a_file_of_ours_is_told_from_every_other() {
        let with = |text: &str| judge(&padded(text, MUTEX_FILE));
        assert_eq!(with(&format!("{MARK}here\n")), Seen::Ours);
        assert_eq!(with(&format!("{MARK}there\n")), Seen::Elsewhere);
        assert_eq!(with(&format!("{MARK}here\nand more")), Seen::Elsewhere);
        for foreign in ["x", "tenure robust mutex 2\n", "{\"version\":1,\"pid\":4242}\n"] {
            assert_eq!(with(foreign), Seen::Foreign, "{foreign}");
            assert_eq!(judge(foreign.as_bytes()), Seen::Foreign, "{foreign}");
        }
        for length in [MUTEX_HEADER, MUTEX_FILE - 1, MUTEX_FILE + 1] {
            assert_eq!(judge(&padded(&format!("{MARK}here\n"), length)), Seen::Foreign, "cut");
        }
    }

    #[test]
    fn what_was_not_finished_is_begun_again() {
        assert_eq!(judge(b""), Seen::Unfinished);
        for text in ["", "tenure r", MARK] {
            for length in [text.len(), 100, MUTEX_FILE] {
                assert_eq!(judge(&padded(text, length)), Seen::Unfinished, "{text:?} {length}");
            }
            assert_eq!(judge(&padded(text, MUTEX_FILE + 1)), Seen::Foreign, "{text:?}");
        }
        let mut remade = padded(MARK, MUTEX_FILE);
        remade[MUTEX_FILE - 1] = 1;
        assert_eq!(judge(&remade), Seen::Unfinished, "the board is kept");
        let mut zeroes = vec![0; MUTEX_FILE];
        zeroes[MUTEX_FILE - 1] = 1;
        assert_eq!(judge(&zeroes), Seen::Foreign, "no mark, and not empty");
    }
}
