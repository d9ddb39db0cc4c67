//! The bytes of every format: their sizes, what a reader of the first line sees, and that the
//! record comes back.

use std::time::{Duration, SystemTime};

use super::*;
use crate::phase::Phase;
use crate::record::{Content, MESSAGE_LIMIT};

const ALL: [Format; 4] = [Format::Json, Format::PidLine, Format::Pid, Format::PidBare];

fn record() -> Record {
    Record {
        version: 1,
        host: Some("web-1".to_owned()),
        message: Some("nightly \"backup\" – 🌙".to_owned()),
        phase: Some(Phase::Ready),
        program: Some("backupd".to_owned()),
        uid: Some(1000),
        boot_id: Some("2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e".to_owned()),
        machine: Some("0123456789abcdef".to_owned()),
        pid_namespace: Some(4_026_531_836),
        time_namespace: Some(4_026_531_834),
        start_ticks: Some(128_877),
        pidfd_inode: Some(14_261),
        backend: Some("semaphore".to_owned()),
        acquired_at: Some(time(1_795_240_140_123)),
        nonce: Some("00ff00ff00ff00ff".to_owned()),
        ..Record::bare(4242)
    }
}

fn released() -> Record {
    Record { released_at: Some(time(1_795_240_200_000)), ..record() }
}

/// All that can be large is as large as it can be, and every character is escaped in JSON.
fn largest() -> Record {
    let name = Some("\u{1}".repeat(64));
    Record {
        message: Some("\u{1}".repeat(MESSAGE_LIMIT)),
        host: name.clone(),
        program: name,
        uid: Some(u32::MAX),
        pid_namespace: Some(u64::MAX),
        time_namespace: Some(u64::MAX),
        start_ticks: Some(u64::MAX),
        pidfd_inode: Some(u64::MAX),
        pid: 4_194_304,
        phase: Some(Phase::Starting),
        ..released()
    }
}

fn time(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

/// `record` with a message that makes its JSON `size` bytes long.
fn of_size(size: usize) -> Record {
    let json = |message: usize| {
        let record = Record { message: Some("x".repeat(message)), ..record() };
        (serde_json::to_string(&record).unwrap().len(), record)
    };
    let (empty, _) = json(0);
    let (length, record) = json(size - empty);
    assert_eq!(length, size);
    record
}

fn read(bytes: &[u8]) -> Record {
    match Content::parse(bytes) {
        Content::Record(record) => *record,
        other => panic!("{other:?}, and no record, in {:?}", String::from_utf8_lossy(bytes)),
    }
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap()
}

#[test]
fn what_is_encoded_is_read_again() {
    for record in [record(), released(), largest(), of_size(1023), of_size(1024)] {
        for over in [0, 1, 1024, 3000, READ_LIMIT] {
            for format in [Format::Json, Format::PidLine] {
                assert_eq!(read(&format.encode(&record, over)), record, "{format:?} over {over}");
            }
        }
    }
}

#[test]
fn without_json_the_pid_is_what_is_read_again() {
    for format in [Format::Pid, Format::PidBare] {
        assert_eq!(read(&format.encode(&record(), 0)), Record::bare(4242), "{format:?}");
        assert!(!format.keeps_json());
    }
}

#[test]
fn json_is_padded_to_one_of_two_sizes() {
    for format in [Format::Json, Format::PidLine] {
        assert!(format.keeps_json());
        assert_eq!(format.encode(&Record::bare(1), 0).len(), 1024, "{format:?}");
        assert_eq!(format.encode(&record(), 0).len(), 1024, "{format:?}");
        assert_eq!(format.encode(&of_size(1024), 0).len(), READ_LIMIT, "{format:?}");
    }
    assert_eq!(Format::Json.encode(&of_size(1023), 0).len(), 1024, "with the newline it just fits");
    assert_eq!(Format::PidLine.encode(&of_size(1018), 0).len(), 1024, "below `4242` likewise");
    assert_eq!(Format::PidLine.encode(&of_size(1019), 0).len(), READ_LIMIT);
}

#[test]
fn the_largest_record_can_be_read() {
    for format in [Format::Json, Format::PidLine] {
        let bytes = format.encode(&largest(), 0);
        assert_eq!(bytes.len(), READ_LIMIT, "{format:?}");
        assert_eq!(read(&bytes), largest(), "{format:?}");
    }
}

#[test]
fn json_is_one_line_that_only_blanks_follow() {
    for record in [record(), released(), largest()] {
        let bytes = Format::Json.encode(&record, 0);
        assert_eq!(first_line(&bytes).len(), bytes.len() - 1, "the one newline is the last byte");
        let json = serde_json::to_string(&record).unwrap();
        let padding = std::str::from_utf8(&bytes).unwrap().strip_prefix(&json).unwrap();
        assert!(padding.trim_end_matches('\n').bytes().all(|byte| byte == b' '), "{padding:?}");
    }
}

#[test]
fn the_first_of_two_lines_is_the_pid_with_no_blank() {
    let bytes = Format::PidLine.encode(&record(), 0);
    assert_eq!(first_line(&bytes), b"4242");
    let second = &bytes[5..];
    assert_eq!(first_line(second).len(), second.len() - 1, "it ends with the second newline");
    assert!(second.starts_with(serde_json::to_string(&record()).unwrap().as_bytes()));
}

#[test]
fn the_first_line_of_a_released_record_names_nobody() {
    let bytes = Format::PidLine.encode(&released(), 1024);
    assert_eq!(first_line(&bytes), b"");
    assert_eq!(read(&bytes), released(), "the second tells who held it last");
    assert_eq!(bytes.len(), 1024, "it covers the record of the holder");
}

#[test]
fn the_short_formats_are_exact() {
    assert_eq!(Format::Pid.encode(&record(), 0), b"4242\n");
    assert_eq!(Format::PidBare.encode(&record(), 0), b"4242");
    for format in [Format::Pid, Format::PidBare] {
        let longer = format.encode(&record(), 1024);
        assert_eq!(longer, format.encode(&record(), 0), "{format:?}: nothing may follow the PID");
    }
}

#[test]
fn a_released_pid_is_blanked_out() {
    assert_eq!(Format::Pid.encode(&released(), 5), b"\n\n\n\n\n");
    assert_eq!(Format::PidBare.encode(&released(), 4), b"\n\n\n\n");
    for format in [Format::Pid, Format::PidBare] {
        for over in [1, 5, 1024, READ_LIMIT] {
            assert_eq!(Content::parse(&format.encode(&released(), over)), Content::Released);
        }
    }
}

#[test]
fn what_is_replaced_is_covered() {
    for format in [Format::Json, Format::PidLine] {
        for over in [1, 1023, 1024, 1025, 3000, READ_LIMIT - 1, READ_LIMIT] {
            let bytes = format.encode(&record(), over);
            assert_eq!(bytes.len(), over.max(1024), "{format:?}");
            assert!(bytes.ends_with(b"\n"));
        }
    }
}

#[test]
fn no_encoding_exceeds_what_is_read() {
    for format in ALL {
        for record in [record(), released(), largest()] {
            assert!(format.encode(&record, READ_LIMIT).len() <= READ_LIMIT, "{format:?}");
        }
    }
}

#[test]
fn a_release_is_told_also_where_the_clock_is_far_off() {
    let year = Duration::from_secs(31_557_600);
    let ends = [time(0), time(253_402_300_799_999)];
    let clocks = [SystemTime::UNIX_EPOCH - year, ends[1] + year];
    for (clock, end) in clocks.into_iter().zip(ends) {
        let off = Record { released_at: Some(clock), ..record() };
        let read = read(&Format::Json.encode(&off, 0));
        assert_eq!(read.released_at, Some(end), "the nearest time that RFC 3339 can write");
    }
}
