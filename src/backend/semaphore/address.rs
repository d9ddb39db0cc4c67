//! What a path is called among semaphores.

use std::fs;
use std::io;
use std::path::Path;

use crate::digest::digest;

/// How many keys a path has. More than one, because another program may have taken the first.
const KEYS: u32 = 4;

/// The keys and the tag of a path: the same for all processes that come to the lockfile through the
/// same directory, by whatever symbolic links.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address {
    digest: u64,
}

impl Address {
    /// That of `path`, whose directory has to exist.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let here = directory.as_os_str().is_empty();
        let directory = fs::canonicalize(if here { Path::new(".") } else { directory })?;
        Ok(Self { digest: digest(directory.join(name).as_os_str().as_encoded_bytes()) })
    }

    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn with_digest(digest: u64) -> Self {
        Self { digest }
    }

    /// The lower half of the digest, and the numbers after it; not 0, which is no key
    /// (`IPC_PRIVATE`).
    #[expect(clippy::cast_possible_truncation, reason = "it is to be cut")]
    pub(super) fn keys(self) -> impl Iterator<Item = i32> {
        let first = self.digest as u32;
        let key = move |index| i32::from_ne_bytes(first.wrapping_add(index).to_ne_bytes());
        (0..KEYS).map(key).filter(|key| *key != 0)
    }

    /// Fourteen bits of the upper half, and fourteen more. None of the two is 0, as in a set that
    /// has no tag yet, or more than a semaphore can hold (32767).
    pub(super) fn tag(self) -> [i16; 2] {
        [32, 46].map(|shift| 0x4000 | i16::try_from(self.digest >> shift & 0x3FFF).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(digest: u64) -> (Vec<i32>, [i16; 2]) {
        let address = Address { digest };
        (address.keys().collect(), address.tag())
    }

    #[test]
    fn every_bit_but_four_counts() {
        for bit in 0..60 {
            assert_ne!(parts(0), parts(1 << bit), "bit {bit}");
        }
    }

    #[test]
    fn a_key_is_never_that_of_private_sets() {
        for digest in [0, 0xFFFF_FFFD, u64::MAX] {
            let (keys, tag) = parts(digest);
            assert!(keys.len() >= 3 && keys.iter().all(|key| *key != 0), "{keys:?}");
            assert!(tag.iter().all(|part| *part > 0), "{tag:?}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn it_is_the_same_through_a_symbolic_link() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let digest = |path: &Path| Address::of(path).unwrap().digest;
        assert_eq!(digest(&real.join("lock")), digest(&link.join("lock")));
        assert_ne!(digest(&real.join("lock")), digest(&real.join("clock")));
        assert_ne!(digest(&real.join("lock")), digest(&dir.path().join("lock")));
    }
}
