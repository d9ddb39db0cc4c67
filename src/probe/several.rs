//! The holders that one lockfile of another program names.

use std::borrow::Cow;

use crate::record::{PID_LIMIT, Record};

/// The record, and those of its further PIDs: of the same host, and with nothing else known of them.
///
/// Two numbers on one line are a PID and the clock ticks of its start, or two PIDs. Where the second
/// can be a PID on this kernel, which gives none from `pid_max` on, both are taken for PIDs.
pub(super) fn readings(
    record: &Record,
    pid_max: impl FnOnce() -> Option<u64>,
) -> (Cow<'_, Record>, Vec<Record>) {
    let other = |pid| Record { host: record.host.clone(), ..Record::bare(pid) };
    let mut others: Vec<_> = record.more_pids.iter().copied().map(other).collect();
    match ambiguous(record, pid_max) {
        None => (Cow::Borrowed(record), others),
        Some(pid) => {
            others.push(other(pid));
            (Cow::Owned(Record { start_ticks: None, ..record.clone() }), others)
        }
    }
}

/// The start ticks of `record`, if they can be a PID instead.
fn ambiguous(record: &Record, pid_max: impl FnOnce() -> Option<u64>) -> Option<u32> {
    let is_alone = record.is_legacy() && record.host.is_none() && record.boot_id.is_none();
    let ticks = record.start_ticks.filter(|_| is_alone)?;
    let limit = pid_max().unwrap_or(u64::from(PID_LIMIT) + 1);
    let ticks = Some(ticks).filter(|ticks| (1..limit).contains(ticks))?;
    u32::try_from(ticks).ok().filter(|ticks| *ticks <= PID_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pids(record: &Record, pid_max: Option<u64>) -> (Option<u64>, Vec<u32>) {
        let (first, others) = readings(record, || pid_max);
        (first.start_ticks, others.iter().map(|other| other.pid).collect())
    }

    #[test]
    fn ticks_that_may_be_a_pid_are_taken_for_one() {
        let record = |ticks| Record { start_ticks: Some(ticks), ..Record::bare(42) };
        assert_eq!(pids(&record(4_241), Some(32_768)), (None, vec![4_241]));
        assert_eq!(pids(&record(32_768), Some(32_768)), (Some(32_768), vec![]));
        assert_eq!(pids(&record(32_768), None), (None, vec![32_768]));
        assert_eq!(pids(&record(4_194_305), None), (Some(4_194_305), vec![]));
        assert_eq!(pids(&record(0), None), (Some(0), vec![]));
    }

    #[test]
    fn ticks_beside_a_host_or_a_boot_are_ticks() {
        let record = Record { start_ticks: Some(7), ..Record::bare(42) };
        let on_host = Record { host: Some("web-1".to_owned()), ..record.clone() };
        let of_boot = Record { boot_id: Some("this boot".to_owned()), ..record.clone() };
        let ours = Record { nonce: Some("0123456789abcdef".to_owned()), ..record };
        for record in [on_host, of_boot, ours] {
            assert_eq!(pids(&record, Some(32_768)), (Some(7), vec![]));
        }
    }

    #[test]
    fn further_pids_are_of_the_same_host_and_of_no_boot() {
        let record = Record {
            host: Some("web-1".to_owned()),
            boot_id: Some("another boot".to_owned()),
            more_pids: vec![7, 8],
            ..Record::bare(42)
        };
        let (first, others) = readings(&record, || None);
        assert_eq!(*first, record);
        assert_eq!(others.len(), 2);
        assert!(
            others.iter().all(|it| it.host.as_deref() == Some("web-1") && it.boot_id.is_none())
        );
    }
}
