//! Several words on a line, of which one is a PID.

use super::types::Record;
use super::{filelock, ids, pid};

/// The width of the number in the lockfiles of UUCP: right-aligned in ten columns.
const UUCP_WIDTH: usize = 10;

/// The one program that writes the words of UUCP behind a number of five digits or more: minicom.
const UNALIGNED: &str = "minicom";

/// Reads lines of several words each, which have to be of one format and one host.
pub(super) fn parse(first: &str, rest: &[&str]) -> Result<Record, String> {
    let mut record = line(first)?;
    for rest in rest.iter().filter(|line| !line.is_empty()) {
        let next = line(rest)?;
        let is_alike = next.host == record.host && next.boot_id == record.boot_id;
        if !is_alike || next.start_ticks.is_some() {
            return Err("its lines name different holders".to_owned());
        }
        record.more_pids = pid::others(record.pid, record.more_pids.iter().chain([&next.pid]));
    }
    Ok(record)
}

fn line(line: &str) -> Result<Record, String> {
    let refused = || "its first line is neither a process id nor `pid host`".to_owned();
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        // Digits are no host: they are when the process started, or another PID.
        [pid, ticks] if pid::is_digits(pid) && pid::is_digits(ticks) => {
            filelock::with_start(Record::bare(pid::from_digits(pid)?), ticks).ok_or_else(refused)
        }
        // A user without a name.
        [pid, program] if program == UNALIGNED => {
            Ok(Record { program: Some(program.to_owned()), ..Record::bare(pid::from_digits(pid)?) })
        }
        // git: gc.pid.
        [pid, host] => {
            Ok(Record { host: Some(host.to_owned()), ..Record::bare(pid::from_digits(pid)?) })
        }
        [pid, ticks, boot] if pid::is_digits(ticks) => {
            let record = Record::bare(pid::from_digits(pid)?);
            let start_ticks = Some(ticks.parse().map_err(|_| refused())?);
            let boot_id = Some(ids::boot(boot).ok_or_else(refused)?);
            Ok(Record { boot_id, start_ticks, ..record })
        }
        [pid, program, _user] if program == UNALIGNED || is_aligned(line, pid) => {
            Ok(Record { program: Some(program.to_owned()), ..Record::bare(pid::from_digits(pid)?) })
        }
        // File::NFSLock.
        [host, pid, time, random] if pid::is_digits(time) && pid::is_digits(random) => {
            let host = Some(ids::host(host).ok_or_else(refused)?.to_owned());
            Ok(Record { host, ..Record::bare(pid::from_digits(pid)?) })
        }
        _ => Err(refused()),
    }
}

/// Whether the number ends in the tenth column.
fn is_aligned(line: &str, pid: &str) -> bool {
    line.trim_start_matches(' ').starts_with(pid)
        && line.len() - line.trim_start_matches(' ').len() + pid.len() == UUCP_WIDTH
}
