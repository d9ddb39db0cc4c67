//! What `QLockFile` of Qt writes, a line each: PID, application, host, machine id and boot id.
//!
//! Before Qt 5.10, it wrote the first three. What is not known is an empty line.

use super::ids;
use super::types::Record;

/// Adds what the lines say that follow the PID; `None` if Qt did not write them.
pub(super) fn with_lines(record: Record, rest: &[&str]) -> Option<Record> {
    let (program, host, ids) = match rest {
        [program, host, ids @ ..] if ids.len() <= 2 => (*program, *host, ids),
        _ => return None,
    };
    let [machine, boot] = [0, 1].map(|at| ids.get(at).copied().unwrap_or_default());
    let host = match host {
        "" if !ids.is_empty() => None,
        host => Some(ids::host(host)?.to_owned()),
    };
    Some(Record {
        host,
        program: (!program.is_empty()).then(|| program.to_owned()),
        machine: ids::machine(machine),
        boot_id: ids::boot(boot),
        ..record
    })
}
