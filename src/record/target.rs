//! Locks whose whole content is one word: the target of a symbolic link, or `host:pid` in a file.

use super::types::Record;
use super::{ids, pid};

/// Reads the target of a symbolic link that some program uses as its lock.
///
/// Known are Mercurial's `host:pid` and `host/namespace:pid` (the namespace in hexadecimal), the
/// `address:+pid` of Firefox, Emacs' `user@host.pid` with an optional `:boot`, and Chromium's
/// `host-pid`. `None` for anything else.
pub(crate) fn parse(target: &str) -> Option<Record> {
    if target.contains('@') {
        emacs(target)
    } else if target.contains(':') {
        host_colon_pid(target)
    } else if target.contains('/') {
        None
    } else {
        host_before(target, '-')
    }
}

/// Reads a file with one word, which can also be `pid;host` (`zc.lockfile`), `pid:host`
/// (`LockFile::Simple`) or `pid@host` (the name that Java gives to a process).
pub(super) fn parse_in_file(word: &str) -> Option<Record> {
    let before_host = |separator| {
        let (pid, host) = word.split_once(separator)?;
        let pid = pid::from_digits(pid).ok()?;
        Some(Record { host: Some(ids::host(host)?.to_owned()), ..Record::bare(pid) })
    };
    if word.contains(';') {
        return before_host(';');
    }
    match (parse(word), before_host('@').or_else(|| before_host(':'))) {
        // Which of the two it is, the word does not tell: both PIDs count, on whichever host.
        (Some(record), Some(other)) => {
            Some(Record { more_pids: pid::others(record.pid, [&other.pid]), ..record })
        }
        (record, other) => record.or(other),
    }
}

/// `host:pid`, `host:+pid` and `host/namespace:pid`.
fn host_colon_pid(word: &str) -> Option<Record> {
    // An address alone, whose last part is no PID.
    if word.parse::<std::net::Ipv6Addr>().is_ok() {
        return None;
    }
    let (place, pid) = word.rsplit_once(':')?;
    let pid = pid::from_digits(pid.strip_prefix('+').unwrap_or(pid)).ok()?;
    let (host, pid_namespace) = match place.split_once('/') {
        None => (place, None),
        Some((host, inode)) => (host, Some(u64::from_str_radix(inode, 16).ok()?)),
    };
    Some(Record { host: Some(ids::host(host)?.to_owned()), pid_namespace, ..Record::bare(pid) })
}

/// `user@host.pid` or `user@host.pid:boot`. The boot is a wall-clock time, which decides nothing.
fn emacs(target: &str) -> Option<Record> {
    let (_user, place) = target.rsplit_once('@')?;
    let word = place.split_once(':').map_or(place, |(word, _boot)| word);
    host_before(word, '.')
}

/// A host, the last `separator`, a PID.
fn host_before(word: &str, separator: char) -> Option<Record> {
    let (host, pid) = word.rsplit_once(separator)?;
    let host = Some(ids::host(host)?.to_owned());
    Some(Record { host, ..Record::bare(pid::from_digits(pid).ok()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_host(host: &str, pid: u32) -> Record {
        Record { host: Some(host.to_owned()), ..Record::bare(pid) }
    }

    #[test]
    fn mercurial_links_to_host_and_pid() {
        assert_eq!(parse("web-1:4242"), Some(on_host("web-1", 4242)));
        assert_eq!(parse("web-1.example.org:00042"), Some(on_host("web-1.example.org", 42)));
    }

    #[test]
    fn mercurial_names_the_pid_namespace_in_hexadecimal() {
        let namespaced = Record { pid_namespace: Some(4_026_531_836), ..on_host("web-1", 4242) };
        assert_eq!(parse("web-1/effffffc:4242"), Some(namespaced));
        assert_eq!(parse("web-1/pid:4242"), None);
        assert_eq!(parse("web-1/:4242"), None);
        assert_eq!(parse("web-1/10000000000000000:4242"), None);
    }

    #[test]
    fn emacs_links_to_user_host_and_pid() {
        assert_eq!(parse("ann@web-1.4242"), Some(on_host("web-1", 4242)));
        let qualified = Some(on_host("web-1.example.org", 4242));
        assert_eq!(parse("ann@web-1.example.org.4242"), qualified);
        assert_eq!(parse("ann@corp.example@web-1.example.org.4242"), qualified);
    }

    #[test]
    fn emacs_may_add_the_boot_time_which_is_not_the_pid() {
        assert_eq!(parse("ann@web-1.4242:1700000000"), Some(on_host("web-1", 4242)));
        assert_eq!(parse("ann@web-1:4242"), None, "what follows the colon is no PID here");
    }

    #[test]
    fn chromium_links_to_host_and_pid() {
        assert_eq!(parse("web-4242"), Some(on_host("web", 4242)));
        assert_eq!(parse("web-1-4242"), Some(on_host("web-1", 4242)));
    }

    #[test]
    fn a_link_to_anything_else_is_no_lock() {
        let targets = [
            "",
            "4242",
            "lock",
            "web-one",
            "web-1-",
            "-4242",
            "web 1-4242",
            "../web-4242",
            "/run/backupd.pid",
            "/run/backupd-4242",
            "/run/backupd:4242",
            "/beef:4242",
            ":4242",
            "web-1:",
            "web\n1:4242",
            "@",
            "ann@web",
            "ann@.4242",
            "ann@web.4242x",
            "pipe:[4242]",
            "anon_inode:[pidfd]",
        ];
        for target in targets {
            assert_eq!(parse(target), None, "{target:?}");
        }
    }

    #[test]
    fn a_link_with_a_pid_out_of_range_is_no_lock() {
        for pid in ["0", "++1", "4194305", "2147483648", "18446744073709551616", "0x1f"] {
            for target in [format!("web:{pid}"), format!("ann@web.{pid}"), format!("web-{pid}")] {
                assert_eq!(parse(&target), None, "{target}");
            }
        }
        assert_eq!(parse("web:-1"), None);
        assert_eq!(parse("ann@web.-1"), None);
        assert_eq!(parse("web:4194304"), Some(on_host("web", 4_194_304)));
    }
}
