//! The files that somebody has a kernel lock on: `proc_locks(5)`.

use std::collections::HashSet;
use std::fs;

/// The inode numbers of locked files, on whatever file system.
///
/// The device that stands beside a number is another one than stat(2) shows, on btrfs and overlay. So the
/// number alone decides what is looked at more closely.
#[derive(Debug, Default)]
pub(super) struct Locked(HashSet<u64>);

impl Locked {
    /// The locks of this moment. In a container, those of other containers are missing.
    pub(super) fn now() -> Self {
        Self::parse(&fs::read_to_string("/proc/locks").unwrap_or_default())
    }

    /// Whether somebody may have a lock on a file of this number.
    pub(super) fn may_have(&self, inode: u64) -> bool {
        self.0.contains(&inode)
    }

    /// `1: FLOCK  ADVISORY  WRITE 4242 fe:01:1234 0 EOF`. A lease is no lock.
    fn parse(locks: &str) -> Self {
        let inode = |line: &str| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let [_, "FLOCK" | "POSIX" | "OFDLCK", .., file, _, _] = fields[..] else { return None };
            file.rsplit(':').next()?.parse().ok()
        };
        Self(locks.lines().filter_map(inode).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_of_every_kind_count_and_leases_do_not() {
        let locked = Locked::parse(
            "1: FLOCK  ADVISORY  WRITE 4242 fe:01:11 0 EOF\n\
             2: POSIX  ADVISORY  READ 4242 00:1a:12 128 128\n\
             2: -> POSIX  ADVISORY  WRITE 4243 00:1a:12 128 128\n\
             3: OFDLCK ADVISORY  READ -1 fe:01:13 0 EOF\n\
             4: LEASE  ACTIVE    WRITE 4242 fe:01:14 0 EOF\n",
        );
        assert!([11, 12, 13].iter().all(|inode| locked.may_have(*inode)));
        assert!(!locked.may_have(14));
    }
}
