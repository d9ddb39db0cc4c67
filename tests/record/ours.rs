//! What this crate writes.

use std::time::{Duration, SystemTime};

use tenure::Phase;

use super::*;

#[test]
fn every_field_of_a_record_is_read() {
    let record = record(
        r#"{"version":1,"pid":4242,"host":"web-1","message":"nightly backup","phase":"ready",
           "program":"backupd","uid":1000,"boot_id":"2797de81","machine":"0123456789abcdef","pid_namespace":4026531836,
           "time_namespace":4026531834,"start_ticks":128877,"pidfd_inode":14261,"device":2049,
           "backend":"semaphore","acquired_at":"2026-11-21T05:49:00.123Z",
           "released_at":"2026-11-21T05:49:01Z","nonce":"00ff00ff00ff00ff"}"#,
    );
    assert_eq!(record.version, 1);
    assert_eq!(record.pid, 4242);
    assert_eq!(record.host.as_deref(), Some("web-1"));
    assert_eq!(record.message.as_deref(), Some("nightly backup"));
    assert_eq!(record.phase, Some(Phase::Ready));
    assert_eq!(record.program.as_deref(), Some("backupd"));
    assert_eq!(record.uid, Some(1000));
    assert_eq!(record.boot_id.as_deref(), Some("2797de81"));
    assert_eq!(record.machine.as_deref(), Some("0123456789abcdef"));
    assert_eq!(record.pid_namespace, Some(4_026_531_836));
    assert_eq!(record.time_namespace, Some(4_026_531_834));
    assert_eq!(record.start_ticks, Some(128_877));
    assert_eq!(record.pidfd_inode, Some(14_261));
    assert_eq!(record.device, Some(2049));
    assert_eq!(record.backend.as_deref(), Some("semaphore"));
    let acquired = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_240_140_123);
    assert_eq!(record.acquired_at, Some(acquired));
    assert_eq!(record.released_at, Some(acquired + Duration::from_millis(877)));
    assert_eq!(record.nonce.as_deref(), Some("00ff00ff00ff00ff"));
    assert!(!record.is_legacy());
}

#[test]
fn a_record_needs_nothing_but_a_pid() {
    let record = record(r#"{"pid":1}"#);
    assert_eq!((record.version, record.pid), (0, 1));
    assert_eq!(to_json(&record), r#"{"version":0,"pid":1}"#, "nothing else is known");
    assert!(record.is_legacy());
    assert!(refusal(r#"{"version":1,"host":"web-1"}"#).contains("pid"));
    refusal("{}");
}

#[test]
fn a_record_may_be_surrounded_by_blanks() {
    let json = to_json(&whole());
    assert_eq!(record(format!("{json:<1023}\n")), whole());
    assert_eq!(record(format!("\n \t{json}\r\n")), whole());
    let largest =
        format!("{json:<width$}\n", width = LIMIT - 1 + json.chars().count() - json.len());
    assert_eq!(largest.len(), LIMIT);
    assert_eq!(record(&largest), whole());
    refusal(largest + "\n");
}

#[test]
fn unknown_fields_are_passed_over() {
    let record = record(
        r#"{"colour":"red","pid":7,"nested":{"pid":0,"a":[1,{"b":null}]},"lease":{"ttl":3},"host":"h"}"#,
    );
    assert_eq!(record, on_host("h", 7));
}

#[test]
fn the_order_of_fields_does_not_matter() {
    assert_eq!(record(r#"{"host":"h","pid":7}"#), on_host("h", 7));
    assert_eq!(record("{\n  \"host\" : \"h\",\r\n\t\"pid\" : 7\n}\n"), on_host("h", 7));
}

#[test]
fn a_field_that_is_null_is_not_known() {
    let record = record(
        r#"{"pid":7,"host":null,"message":null,"phase":null,"program":null,"uid":null,"boot_id":null,
           "machine":null,"pid_namespace":null,"time_namespace":null,"start_ticks":null,
           "pidfd_inode":null,"device":null,"backend":null,"acquired_at":null,"released_at":null,"nonce":null}"#,
    );
    assert_eq!(record, bare(7));
}

#[test]
fn a_field_of_the_wrong_type_is_refused() {
    let wrong = [
        r#""pid":"7""#,
        r#""pid":7.0"#,
        r#""pid":7e0"#,
        r#""pid":null"#,
        r#""pid":true"#,
        r#""pid":[7]"#,
        r#""pid":{"pid":7}"#,
        r#""pid":7,"host":1"#,
        r#""pid":7,"message":["a"]"#,
        r#""pid":7,"uid":-1"#,
        r#""pid":7,"uid":4294967296"#,
        r#""pid":7,"start_ticks":1.5"#,
        r#""pid":7,"start_ticks":18446744073709551616"#,
        r#""pid":7,"device":"8:1""#,
        r#""pid":7,"acquired_at":1700000000"#,
        r#""pid":7,"nonce":7"#,
        r#""pid":7,"more_pids":7"#,
        r#""pid":7,"more_pids":[0]"#,
    ];
    for fields in wrong {
        let json = format!("{{\"version\":1,{fields}}}");
        let reason = refusal(&json);
        assert!(reason.starts_with("its JSON is not a record: "), "{json}: {reason}");
    }
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    refusal(r#"{"pid":7,"pid":8}"#);
    refusal(r#"{"version":1,"pid":7,"nonce":"a","nonce":"b"}"#);
}

#[test]
fn a_time_that_cannot_be_read_is_no_time() {
    let times = [
        "",
        "yesterday",
        "1700000000",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "2026-11-21T05:49:00+01:00",
        "é026-11-21T05:49:00Z",
        "２０２６-11-21T05:49:00Z",
    ];
    for time in times {
        let json = json!({ "pid": 7, "nonce": "n", "acquired_at": time, "released_at": time });
        let expected = from_json(json!({ "pid": 7, "nonce": "n" }));
        assert_eq!(record(json.to_string()), expected, "{time}");
    }
}

#[test]
fn a_second_line_of_json_says_more_than_the_first() {
    let json = to_json(&whole());
    assert_eq!(record(format!("4242\n{json}\n")), whole());
    assert_eq!(record(format!("4242\n{json:<1024}\n")), whole());
    assert_eq!(record(format!("4242\r\n{json}\r\n")), whole());
    assert_eq!(record(nul_filled(format!("4242\n{json}").as_bytes())), whole());
}

#[test]
fn the_first_line_is_a_pid() {
    let json = to_json(&whole());
    refusal(format!("-4242\n{json}\n"));
    refusal(format!("0\n{json}\n"));
    refusal(format!("web-1\n{json}\n"));
}

#[test]
fn a_second_line_of_another_program_says_nothing() {
    for line in [r#"{"port":5432}"#, r#"{"pid":"x"}"#, "{{{", "{ not JSON", r#"{"port":54"#] {
        assert_eq!(record(format!("4242\n{line}\n")), bare(4242), "{line}");
    }
}

#[test]
fn a_second_line_of_ours_with_a_value_that_cannot_be_is_refused() {
    for line in [r#"{"version":1,"pid":0}"#, r#"{"version":1,"pid":4242,"host":1}"#] {
        assert!(refusal(format!("4242\n{line}\n")).contains("not a record"), "{line}");
    }
}

#[test]
fn a_released_record_with_a_blank_first_line_is_read() {
    let json = to_json(&whole());
    assert_eq!(record(format!("\n{json}   \n")), whole());
}
