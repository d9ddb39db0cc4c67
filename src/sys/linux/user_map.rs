//! `user_namespaces(7)` - which users this process can tell apart.

use std::fs;
use std::io;

/// The number that stands for unmapped users where `/proc` does not tell: `DEFAULT_OVERFLOWUID` of
/// linux/highuid.h.
const DEFAULT_OVERFLOW: u32 = 65534;

/// Whether `uid`, as stat(2) or `/proc` shows it, may stand for any user that this user namespace
/// does not map.
///
/// All such users are shown as one number, that of `/proc/sys/fs/overflowuid`: two of them are not
/// known to be the same. Where every user is mapped, it is the number of an ordinary user.
pub(crate) fn may_be_unmapped(uid: u32) -> bool {
    let overflow = fs::read_to_string("/proc/sys/fs/overflowuid");
    let overflow = overflow.ok().and_then(|number| number.trim().parse().ok());
    uid == overflow.unwrap_or(DEFAULT_OVERFLOW) && !all_users_are_mapped()
}

fn all_users_are_mapped() -> bool {
    match fs::read_to_string("/proc/self/uid_map") {
        Ok(map) => maps_all(&map),
        // A kernel without user namespaces has no such file, but has others beside it.
        Err(err) => {
            err.kind() == io::ErrorKind::NotFound
                && fs::exists("/proc/self/status").unwrap_or(false)
        }
    }
}

/// Whether a `uid_map` leaves no user out. Each line has the first user here, the first outside, and
/// their count; no two lines overlap. 2^32 - 1 is the number of no user.
fn maps_all(map: &str) -> bool {
    let counts = map.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok());
    counts.sum::<u64>() >= u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_of_all_users_or_leaves_some_out() {
        assert!(maps_all("         0          0 4294967295\n"), "outside of every namespace");
        assert!(maps_all("0 1 1\n1 0 1\n2 2 4294967293\n"), "two users that change places");
        assert!(!maps_all(""), "a new namespace");
        assert!(!maps_all("         0       1000          1\n"));
        assert!(!maps_all("0 100000 65536\n"), "a container");
        assert!(!maps_all("0 0 4294967294\n"));
    }
}
