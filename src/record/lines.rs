//! A PID alone on the first line, and what other programs write below it.

use super::types::Record;
use super::{filelock, ids, pid, qt};

/// Reads a file whose first line is the one word `first`.
///
/// The formats, by their sources: a bare PID, read as liberally as the Filesystem Hierarchy Standard
/// asks (section 3.15: extra white space, leading zeroes, no newline, more lines); a PID a line
/// (`HAProxy`); `postmaster.pid` of `PostgreSQL` (a path on the second line, and the PID is negative for
/// a standalone server); the dotlock of `GnuPG` and `SoftFileLock` of Python (the host on the second
/// line); `QLockFile` of Qt.
pub(super) fn parse(first: &str, rest: &[&str]) -> Result<Record, String> {
    let rest: Vec<_> = rest.iter().map(|line| line.trim()).collect();
    let is_postmaster = rest.first().is_some_and(|line| line.starts_with('/'));
    let standalone = first.strip_prefix('-').filter(|_| is_postmaster);
    let record = Record::bare(pid::from_digits(standalone.unwrap_or(first))?);
    if is_postmaster {
        return Ok(record);
    }
    // An application can have digits for a name: the boot id tells that Qt wrote the lines.
    let is_qt = matches!(rest[..], [_, _, _, boot] if ids::boot(boot).is_some());
    let names_pids = rest.first().is_some_and(|line| pid::is_digits(line));
    if let Some(read) = with_host(&record, &rest).filter(|_| is_qt || !names_pids) {
        return Ok(read);
    }
    // What is left of a longer number that was written over without cutting the file counts as well.
    let pids = rest.iter().take_while(|line| line.is_empty() || pid::is_digits(line));
    let count = pids.clone().count();
    let pids: Vec<u32> = pids.filter_map(|line| pid::from_digits(line).ok()).collect();
    let record = Record { more_pids: pid::others(record.pid, &pids), ..record };
    Ok(match rest.get(count..) {
        Some(after) if count > 0 => with_host(&record, after).unwrap_or(record),
        _ => record,
    })
}

/// Adds the host that the lines below the PIDs name, and what stands below it.
fn with_host(record: &Record, rest: &[&str]) -> Option<Record> {
    match rest {
        [host] => filelock::with_host(record.clone(), host),
        [host, start] if pid::is_digits(start) => {
            let read = filelock::with_host(record.clone(), host)?;
            // A number that is no start says nothing; the host does.
            Some(filelock::with_start(read.clone(), start).unwrap_or(read))
        }
        // A blank line between them, as some editors and shells leave.
        ["", host] if ids::host(host).is_some() => filelock::with_host(record.clone(), host),
        rest => qt::with_lines(record.clone(), rest),
    }
}
