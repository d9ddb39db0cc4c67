//! PID files of other programs: everything that begins with a number, or is the one word that
//! others put into the target of a symbolic link.

use super::{Content, READ_LIMIT, Record, SIGNATURE, json, pid_from_digits, target};

/// Reads a file that is neither JSON nor an S-expression.
///
/// The formats, by their sources: a bare PID, read as liberally as the Filesystem Hierarchy
/// Standard asks (section 3.15: extra white space, leading zeroes, no newline, more lines);
/// our own `PidLine`; git's `gc.pid` (`pid host`); `postmaster.pid` of `PostgreSQL` (the PID on
/// the first line, negative for a standalone server); Mercurial's `host:pid`, and Emacs'
/// `user@host.pid:boot`, both of which are files where links cannot be made.
pub(super) fn parse(text: &str) -> Content {
    debug_assert!(text.len() <= READ_LIMIT, "the caller bounds what is read");
    // Only a torn file has NUL after text; what stands before is read like a cut file.
    let text = text.trim_end_matches('\0');
    let (first, rest) = match text.trim_start().split_once('\n') {
        Some((first, rest)) => (first.trim(), rest.trim()),
        None => (text.trim(), ""),
    };
    if rest.starts_with('{') {
        return with_json(first, rest);
    }
    if first.contains([':', '@']) && rest.is_empty() {
        return target::parse(first).map_or_else(
            || Content::Invalid("it is neither a process id nor host:pid".to_owned()),
            |record| Content::Record(Box::new(record)),
        );
    }
    let mut words = first.split_whitespace();
    let number = words.next().unwrap_or("");
    let host = words.next();
    if words.next().is_some() {
        return Content::Invalid(
            "its first line is neither a process id nor `pid host`".to_owned(),
        );
    }
    let standalone = number.strip_prefix('-').filter(|_| rest.starts_with('/') && host.is_none());
    match pid_from_digits(standalone.unwrap_or(number)) {
        Ok(pid) => {
            Content::Record(Box::new(Record { host: host.map(str::to_owned), ..Record::bare(pid) }))
        }
        Err(why) => Content::Invalid(why),
    }
}

/// `PidLine`: the JSON on the second line says more than the first, but must not contradict it.
fn with_json(first: &str, rest: &str) -> Content {
    let pid = match pid_from_digits(first) {
        Ok(pid) => pid,
        Err(why) => return Content::Invalid(why),
    };
    match json::parse(rest) {
        Content::Record(record) if record.pid != pid => {
            Content::Invalid("its two lines name different process ids".to_owned())
        }
        // Somebody else's second line: the first still is a PID file.
        Content::Invalid(_) if !rest.starts_with(SIGNATURE) => {
            Content::Record(Box::new(Record::bare(pid)))
        }
        content => content,
    }
}
