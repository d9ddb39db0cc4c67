//! The names beside the lockfile.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::record::Record;

/// What a file beside the lockfile is. All words are equally long: a name that has room for a draft
/// has room for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Beside {
    Draft,
    Claim,
    Stale,
}

impl Beside {
    const ALL: [Self; 3] = [Self::Draft, Self::Claim, Self::Stale];

    fn infix(self) -> &'static str {
        match self {
            Self::Draft => ".draft.",
            Self::Claim => ".claim.",
            Self::Stale => ".stale.",
        }
    }

    /// The path of this kind, with `nonce`, beside the lockfile at `path`.
    pub(in crate::file) fn of(self, path: &Path, nonce: &str) -> PathBuf {
        let mut name = OsString::from(path.file_name().unwrap_or_default());
        name.push(self.infix());
        name.push(nonce);
        path.with_file_name(name)
    }

    /// What `name` is, beside the lockfile at `path`.
    pub(in crate::file) fn read(path: &Path, name: &OsStr) -> Option<Self> {
        let own = path.file_name()?.as_encoded_bytes();
        let rest = name.as_encoded_bytes().strip_prefix(own)?;
        let rest = std::str::from_utf8(rest).ok()?;
        Self::ALL.into_iter().find(|kind| rest.strip_prefix(kind.infix()).is_some_and(is_nonce))
    }
}

/// Whether `name` is one of those, beside a lockfile of whatever name.
pub(crate) fn is_beside(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let is_kind = |kind: Beside| name.rsplit_once(kind.infix()).is_some_and(|(_, it)| is_nonce(it));
    Beside::ALL.into_iter().any(is_kind)
}

/// The nonce of a record that this crate can have written. It becomes a part of a name, and so it
/// must not be whatever a file says.
pub(in crate::file) fn nonce(record: &Record) -> Option<&str> {
    record.nonce.as_deref().filter(|nonce| is_nonce(nonce))
}

fn is_nonce(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "/run/backupd.pid";
    const NONCE: &str = "0123456789abcdef";

    #[test]
    fn a_name_is_read_as_it_was_made() {
        for kind in Beside::ALL {
            let beside = kind.of(Path::new(LOCK), NONCE);
            assert_eq!(beside.parent(), Some(Path::new("/run")));
            let name = beside.file_name().expect("it has one");
            assert_eq!(Beside::read(Path::new(LOCK), name), Some(kind));
            assert!(is_beside(name));
        }
    }

    #[test]
    fn the_names_of_others_are_none_of_ours() {
        for name in [
            "backupd.pid",
            "backupd.pid.claim.",
            "backupd.pid.claim.0123456789ABCDEF",
            "backupd.pid.claim.0123456789abcdef0",
            "backupd.pid.other.0123456789abcdef",
            "backupd.pid2.claim.0123456789abcdef",
        ] {
            assert_eq!(Beside::read(Path::new(LOCK), OsStr::new(name)), None, "{name}");
        }
    }

    #[test]
    fn what_lies_beside_a_lockfile_is_known_without_it() {
        assert!(is_beside(OsStr::new("the.lock.draft.0123456789abcdef")));
        assert!(!is_beside(OsStr::new("the.lock.draft.0123")));
        assert!(!is_beside(OsStr::new("the.draft.lock")));
    }

    #[test]
    fn a_nonce_that_would_lead_elsewhere_is_none() {
        for text in ["", "../../etc/passwd", "0123456789abcde/", "0123456789abcdeé"] {
            let record = Record { nonce: Some(text.to_owned()), ..Record::bare(1) };
            assert_eq!(nonce(&record), None, "{text}");
        }
        let record = Record { nonce: Some(NONCE.to_owned()), ..Record::bare(1) };
        assert_eq!(nonce(&record), Some(NONCE));
    }
}
