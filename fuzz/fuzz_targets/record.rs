//! Any bytes are something: what holds of whatever lies in a lockfile.

#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use tenure::{Content, Record};

/// The most that is read of a lockfile, in bytes.
const LIMIT: usize = 8192;

/// The largest number that any system gives to a process.
const LARGEST_PID: u32 = 4_194_304;

fuzz_target!(|bytes: &[u8]| check(bytes));

fn check(bytes: &[u8]) {
    match Content::parse(bytes) {
        Content::Invalid(reason) => assert!(!reason.is_empty(), "a refusal has a reason"),
        other if bytes.len() > LIMIT => panic!("too large, and {other:?}"),
        Content::Record(record) => check_record(*record),
        Content::Released => assert!(is_release(bytes), "only a release"),
        Content::Blank | Content::Torn => {}
        other => panic!("{other:?} is new: what has to hold of it?"),
    }
}

/// Newlines, of which the last can be a carriage return: then another program has made the file.
fn is_release(bytes: &[u8]) -> bool {
    let newlines = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(|byte| *byte == b'\n');
    newlines(bytes) || bytes.strip_suffix(b"\r").is_some_and(newlines)
}

fn check_record(mut record: Record) {
    assert!(record.pids().all(|pid| (1..=LARGEST_PID).contains(&pid)), "{record:?}");
    let json = serde_json::to_string(&record).expect("a record is JSON");
    // Times are written to the millisecond, whatever they were read to.
    for time in [&mut record.acquired_at, &mut record.released_at] {
        *time = time.map(to_the_millisecond);
    }
    match Content::parse(json.as_bytes()) {
        // What other programs write can mean less where it is JSON: digits are no host there.
        Content::Record(again) if record.is_legacy() => {
            assert!(again.pids().eq(record.pids()), "{again:?} and {record:?}");
        }
        Content::Record(again) => assert_eq!(*again, record, "it is read as it was written"),
        // What other programs write in one byte can be six in JSON.
        Content::Invalid(_) if json.len() > LIMIT => {}
        other => panic!("{other:?}, and no record, in {json}"),
    }
}

fn to_the_millisecond(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).expect("no time before 1970 is read");
    time - Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000))
}
