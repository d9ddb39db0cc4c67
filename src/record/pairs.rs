//! A name, an equals sign and a value on each line: `pid=4242`, and protocol 2 of Python's filelock.

use super::types::Record;
use super::{filelock, ids, pid};

/// Whether the first line is one of such a file.
pub(super) fn begins(first: &str) -> bool {
    first == filelock::PROTOCOL || pair(first).is_some()
}

/// Reads the pairs. A name that is not known says nothing; a line without an equals sign is refused,
/// and so is a name that is there twice.
pub(super) fn parse(first: &str, rest: &[&str]) -> Result<Record, String> {
    let is_filelock = first == filelock::PROTOCOL;
    let lines = std::iter::once(&first).filter(|_| !is_filelock).chain(rest);
    let mut pairs = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = pair(line).ok_or("one of its lines is not `name=value`")?;
        if pairs.iter().any(|(other, _)| *other == name) {
            return Err(format!("it has two values for {name:?}"));
        }
        pairs.push((name, value));
    }
    let value = |names: &[&str]| {
        let found = pairs.iter().find(|(name, _)| names.contains(&name.as_str()));
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    };
    let pid = value(&["pid"]).ok_or("it names no process id")?;
    let mut record = Record::bare(pid::from_digits(pid)?);
    if let Some(host) = value(&["host", "hostname"]) {
        let unknown = || format!("{host:?} is not the name of a host");
        record = if is_filelock {
            filelock::with_host(record, host).ok_or_else(unknown)?
        } else {
            Record { host: Some(ids::host(host).ok_or_else(unknown)?.to_owned()), ..record }
        };
    }
    if let Some(start) = value(&["start"]).filter(|_| is_filelock) {
        record = filelock::with_start(record, start).ok_or("its start is not a number")?;
    }
    if let Some(boot) = value(&["boot_id", "bootid"]) {
        record.boot_id = ids::boot(boot);
    }
    if let Some(machine) = value(&["machine_id", "machineid"]) {
        record.machine = ids::machine(machine);
    }
    Ok(record)
}

/// The name in lower case, and the value without the quotes of a shell.
fn pair(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote).and_then(|value| value.strip_suffix(*quote)));
    is_name.then(|| (name.to_ascii_lowercase().replace('-', "_"), unquoted.unwrap_or(value)))
}
