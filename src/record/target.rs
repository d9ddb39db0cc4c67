//! Locks whose whole content is one word: the target of a symbolic link, or `host:pid` in a file.

use super::{Record, pid_from_digits};

/// Reads the target of a symbolic link that some program uses as its lock.
///
/// Known are Mercurial's `host:pid` and `host/namespace:pid` (the namespace in hexadecimal),
/// Emacs' `user@host.pid` with an optional `:boot`, and Chromium's `host-pid`. `None` for
/// anything else.
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

/// `host:pid` and `host/namespace:pid`.
pub(super) fn host_colon_pid(word: &str) -> Option<Record> {
    let record = host_before(word, ':')?;
    match record.host.as_deref()?.split_once('/') {
        None => Some(record),
        Some((host, namespace)) => Some(Record {
            pid_namespace: Some(u64::from_str_radix(namespace, 16).ok()?),
            host: Some(host.to_owned()),
            ..record
        }),
    }
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
    if host.is_empty() || host.contains(char::is_whitespace) {
        return None;
    }
    Some(Record { host: Some(host.to_owned()), ..Record::bare(pid_from_digits(pid).ok()?) })
}
