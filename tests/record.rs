//! What the bytes of a lockfile mean: every format, every way to be torn, and whatever else may
//! lie there.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};
use tenure::{Content, Record};

/// The most that is read of a lockfile, in bytes.
const LIMIT: usize = 8192;

/// The record of the given JSON, as any reader of JSON takes it.
fn from_json(json: Value) -> Record {
    serde_json::from_value(json).expect("the JSON of a record")
}

/// A record that says no more than `pid`.
fn bare(pid: u32) -> Record {
    from_json(json!({ "pid": pid }))
}

fn on_host(host: &str, pid: u32) -> Record {
    from_json(json!({ "pid": pid, "host": host }))
}

/// All that a holder writes, with characters that JSON escapes and some of several bytes.
fn whole() -> Record {
    from_json(json!({
        "version": 1,
        "pid": 4242,
        "host": "wéb-1",
        "message": "nightly \"backup\"\n\t\u{1} – 夜 🌙 {[(",
        "program": "backupd",
        "uid": 0,
        "boot_id": "2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e",
        "machine": "0123456789abcdef",
        "pid_namespace": 4_026_531_836_u64,
        "time_namespace": 4_026_531_834_u64,
        "start_ticks": 128_877,
        "pidfd_inode": u64::MAX,
        "backend": "semaphore",
        "acquired_at": "2026-11-21T05:49:00.123Z",
        "released_at": "2026-11-21T05:50:00.000Z",
        "nonce": "00ff00ff00ff00ff",
    }))
}

fn to_json(record: &Record) -> String {
    serde_json::to_string(record).expect("a record is JSON")
}

/// The record that `bytes` are read as.
#[track_caller]
fn record(bytes: impl AsRef<[u8]>) -> Record {
    let bytes = bytes.as_ref();
    match Content::parse(bytes) {
        Content::Record(record) => *record,
        other => panic!("{other:?}, and no record, in {:?}", String::from_utf8_lossy(bytes)),
    }
}

/// Why `bytes` are no lockfile's.
#[track_caller]
fn refusal(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    match Content::parse(bytes) {
        Content::Invalid(reason) => reason,
        other => panic!("{other:?}, and not refused: {:?}", String::from_utf8_lossy(bytes)),
    }
}

/// `text`, then NUL up to the size of a padded record: a file whose end did not reach the disk.
fn nul_filled(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_owned();
    bytes.resize(1024.max(text.len() + 1), 0);
    bytes
}

// --- What this crate writes -------------------------------------------------------------------

#[test]
fn every_field_of_a_record_is_read() {
    let record = record(
        r#"{"version":1,"pid":4242,"host":"web-1","message":"nightly backup","program":"backupd",
           "uid":1000,"boot_id":"2797de81","machine":"0123456789abcdef","pid_namespace":4026531836,
           "time_namespace":4026531834,"start_ticks":128877,"pidfd_inode":14261,
           "backend":"semaphore","acquired_at":"2026-11-21T05:49:00.123Z",
           "released_at":"2026-11-21T05:49:01Z","nonce":"00ff00ff00ff00ff"}"#,
    );
    assert_eq!(record.version, 1);
    assert_eq!(record.pid, 4242);
    assert_eq!(record.host.as_deref(), Some("web-1"));
    assert_eq!(record.message.as_deref(), Some("nightly backup"));
    assert_eq!(record.program.as_deref(), Some("backupd"));
    assert_eq!(record.uid, Some(1000));
    assert_eq!(record.boot_id.as_deref(), Some("2797de81"));
    assert_eq!(record.machine.as_deref(), Some("0123456789abcdef"));
    assert_eq!(record.pid_namespace, Some(4_026_531_836));
    assert_eq!(record.time_namespace, Some(4_026_531_834));
    assert_eq!(record.start_ticks, Some(128_877));
    assert_eq!(record.pidfd_inode, Some(14_261));
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
        r#"{"pid":7,"host":null,"message":null,"program":null,"uid":null,"boot_id":null,
           "machine":null,"pid_namespace":null,"time_namespace":null,"start_ticks":null,
           "pidfd_inode":null,"backend":null,"acquired_at":null,"released_at":null,"nonce":null}"#,
    );
    assert_eq!(record, bare(7));
}

#[test]
fn a_field_of_the_wrong_type_is_refused() {
    let wrong = [
        r#"{"pid":"7"}"#,
        r#"{"pid":7.0}"#,
        r#"{"pid":7e0}"#,
        r#"{"pid":null}"#,
        r#"{"pid":true}"#,
        r#"{"pid":[7]}"#,
        r#"{"pid":{"pid":7}}"#,
        r#"{"pid":7,"host":1}"#,
        r#"{"pid":7,"message":["a"]}"#,
        r#"{"pid":7,"uid":-1}"#,
        r#"{"pid":7,"uid":4294967296}"#,
        r#"{"pid":7,"start_ticks":1.5}"#,
        r#"{"pid":7,"start_ticks":18446744073709551616}"#,
        r#"{"pid":7,"version":"1"}"#,
        r#"{"pid":7,"acquired_at":1700000000}"#,
        r#"{"pid":7,"nonce":7}"#,
        r#"{"version":1,"pid":7,"host":1}"#,
    ];
    for json in wrong {
        let reason = refusal(json);
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
fn two_lines_must_name_the_same_pid() {
    let json = to_json(&whole());
    assert!(refusal(format!("4243\n{json}\n")).contains("two lines"));
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
fn a_released_record_with_a_blank_first_line_is_read() {
    let json = to_json(&whole());
    assert_eq!(record(format!("\n{json}   \n")), whole());
}

// --- What other programs write ----------------------------------------------------------------

#[test]
fn a_bare_pid_is_read_as_liberally_as_fhs_asks() {
    let texts = [
        "4242",
        "4242\n",
        "4242\r\n",
        "  4242",
        "\t 4242 \t\n",
        "\n\n4242\n",
        "4242\n\n",
        "0004242\n",
        "000000000000000000000000000000004242",
        "4242\nand more\nlines 1 2 3: 4",
        "4242\n17\n",
        "4242\0\0\0\0",
        "4242\n\0\0\0\0",
    ];
    for text in texts {
        assert_eq!(record(text), bare(4242), "{text:?}");
    }
}

#[test]
fn leading_zeroes_mean_decimal() {
    assert_eq!(record("010"), bare(10));
    assert_eq!(record("0000000077\n"), bare(77));
}

#[test]
fn a_pid_is_from_1_to_the_largest_i32() {
    assert_eq!(record("1"), bare(1));
    assert_eq!(record("2147483647"), bare(2_147_483_647));
    assert_eq!(record(r#"{"pid":2147483647}"#), bare(2_147_483_647));
    for pid in ["0", "00", "2147483648", "4294967295", "4294967297", "9223372036854775808"] {
        assert!(refusal(pid).contains(pid.trim_start_matches('0')), "{pid}");
    }
    refusal("18446744073709551616");
    refusal("18446744073709551617");
}

#[test]
fn no_format_takes_a_pid_out_of_range() {
    for pid in ["0", "-0", "-1", "-5", "+5", "2147483648", "18446744073709551616", "0x10", "1e3"] {
        refusal(pid);
        refusal(format!("{pid}\n"));
        refusal(format!("{pid}\nmore\n"));
        refusal(format!("{pid} web-1\n"));
        refusal(format!("web-1:{pid}"));
        refusal(format!("((host web-1)(pid {pid}))"));
        refusal(format!(r#"{{"pid":{pid}}}"#));
    }
    // Well-formed JSON was not torn: it was written so.
    for pid in ["0", "-1", "-5", "2147483648", "18446744073709551616"] {
        refusal(format!(r#"{{"version":1,"pid":{pid},"nonce":"n"}}"#));
    }
}

#[test]
fn a_postmaster_pid_is_read_by_its_first_line() {
    let rest =
        "/var/lib/postgresql/data\n1700000000\n5432\n/tmp\nlocalhost\n  5432001    1\nready\n";
    assert_eq!(record(format!("4242\n{rest}")), bare(4242));
    assert_eq!(record(format!("-4242\n{rest}")), bare(4242), "a standalone server");
}

#[test]
fn a_negative_number_alone_is_no_standalone_server() {
    refusal("-5");
    refusal("-5\n");
    refusal("-5\n1700000000\n");
    refusal("-5 web-1\n/var/lib/postgresql/data\n");
    refusal("--5\n/var/lib/postgresql/data\n");
    refusal("-0\n/var/lib/postgresql/data\n");
}

#[test]
fn the_gc_pid_of_git_names_a_host() {
    assert_eq!(record("4242 web-1\n"), on_host("web-1", 4242));
    assert_eq!(record("4242 web-1.example.org"), on_host("web-1.example.org", 4242));
    refusal("4242 web-1 and more\n");
    refusal("web-1 4242\n");
}

#[test]
fn mercurial_writes_host_and_pid() {
    assert_eq!(record("web-1:4242"), on_host("web-1", 4242));
    assert_eq!(record("web-1.example.org:4242\n"), on_host("web-1.example.org", 4242));
    let namespaced = json!({ "pid": 4242, "host": "web-1", "pid_namespace": 4_026_531_836_u64 });
    assert_eq!(record("web-1/effffffc:4242"), from_json(namespaced));
    for text in [":4242", "web-1:", "web 1:42", "web-1/xyz:42", "/ff:42", "web-1:42:", "a:b"] {
        refusal(text);
    }
}

#[test]
fn emacs_writes_a_file_where_it_cannot_make_a_link() {
    // Not the boot time, which is in the range of a PID.
    assert_eq!(record("ann@web-1.example.org.4242:1700000000"), on_host("web-1.example.org", 4242));
    assert_eq!(record("ann@web-1.4242"), on_host("web-1", 4242));
    refusal("ann@example.org");
}

#[test]
fn simplelock_writes_two_fields() {
    assert_eq!(record(r#"{"pid":1,"uid":0}"#), from_json(json!({ "pid": 1, "uid": 0 })));
}

#[test]
fn nfs_lock_writes_an_s_expression() {
    let expected = from_json(json!({ "pid": 4242, "host": "web-1", "message": "nightly" }));
    let texts = [
        "((host web-1)(pid 4242)(message nightly)(start_time 1700000000))",
        "((host web-1)(pid 4242)(message nightly)(start_time\"2026-11-21 05:49:00.123Z\"))\n",
        "( ( host web-1 )\n ( pid \"4242\" )\n ( message \"nightly\" ) )",
        "((message nightly)(pid 4242)(host web-1))",
    ];
    for text in texts {
        assert_eq!(record(text), expected, "{text}");
    }
    assert_eq!(record("((pid 4242))"), bare(4242));
    assert_eq!(record("((pid 4242)(message \"\"))"), bare(4242), "no message");
}

#[test]
fn a_quoted_string_of_an_s_expression_has_the_escapes_of_ocaml() {
    let message = |quoted: &str| record(format!("((pid 1)(message \"{quoted}\"))")).message;
    let read = [
        (r"a b", "a b"),
        (r#"(a) \"b\" \\ c"#, r#"(a) "b" \ c"#),
        (r"a\nb\tc\rd\be", "a\nb\tc\rd\u{8}e"),
        (r"caf\195\169", "café"),
        ("café", "café"),
        (r"\0017", "\u{1}7"),
        (r"\255", "\u{fffd}"),
        (r"\999", "999"),
        (r"\é", "é"),
    ];
    for (quoted, expected) in read {
        assert_eq!(message(quoted).as_deref(), Some(expected), "{quoted}");
    }
}

#[test]
fn what_is_nearly_an_s_expression_is_refused() {
    let texts = [
        "(",
        "()",
        "(()",
        "((host web-1)(pid",
        "((host web-1)(pid 4242)",
        "((host web-1)(pid 4242)) more",
        "((host web-1))",
        "(pid 4242)",
        "((pid 4242 4243))",
        "((pid (4242)))",
        "((pid \"4242))",
        "((pid 1)(message \"\\",
        "((pid 1)(message \"\\12",
        "((pid 1)(message \"\\é",
    ];
    for text in texts {
        refusal(text);
    }
}

// --- What a crash leaves ----------------------------------------------------------------------

#[test]
fn a_file_of_nothing_but_blanks_and_nul_is_blank() {
    assert_eq!(Content::parse(b""), Content::Blank);
    assert_eq!(Content::parse(b"\n"), Content::Blank);
    assert_eq!(Content::parse(b" \t\r\n\x0c "), Content::Blank);
    assert_eq!(Content::parse(&[0]), Content::Blank);
    assert_eq!(Content::parse(&[0; LIMIT]), Content::Blank);
    assert_eq!(Content::parse(b"\n\0 \0\n"), Content::Blank);
    assert_ne!(Content::parse(b"\n\0 \x01\n"), Content::Blank);
}

#[test]
fn every_beginning_of_a_record_is_torn() {
    let json = to_json(&whole());
    for end in 1..json.len() {
        let torn = &json.as_bytes()[..end];
        assert_eq!(Content::parse(torn), Content::Torn, "{}", String::from_utf8_lossy(torn));
        let filled = nul_filled(torn);
        assert_eq!(Content::parse(&filled), Content::Torn, "{}", String::from_utf8_lossy(torn));
    }
    assert_eq!(record(json), whole(), "and the whole is not");
}

#[test]
fn every_beginning_of_two_lines_is_torn_or_a_bare_pid() {
    let json = to_json(&whole());
    let text = format!("4242\n{json}");
    assert_eq!(Content::parse(&text.as_bytes()[..0]), Content::Blank);
    // What a program left that writes nothing but its PID looks the same.
    for (end, pid) in [(1, 4), (2, 42), (3, 424), (4, 4242), (5, 4242)] {
        assert_eq!(record(&text[..end]), bare(pid));
    }
    for end in 6..text.len() {
        let torn = &text.as_bytes()[..end];
        assert_eq!(Content::parse(torn), Content::Torn, "{}", String::from_utf8_lossy(torn));
        let filled = nul_filled(torn);
        assert_eq!(Content::parse(&filled), Content::Torn, "{}", String::from_utf8_lossy(torn));
    }
}

#[test]
fn the_beginning_of_a_released_record_on_two_lines_is_torn() {
    let text = format!("\n{}", to_json(&whole()));
    assert_eq!(Content::parse(&text.as_bytes()[..1]), Content::Blank);
    for end in 2..text.len() {
        assert_eq!(Content::parse(&text.as_bytes()[..end]), Content::Torn, "{end}");
    }
}

#[test]
fn the_beginning_of_another_program_s_json_is_not_torn() {
    refusal(r#"{"pid":42"#);
    refusal(r#"{"version":2,"pid":42"#);
    refusal(r#"{"version":1,"host":"web-1""#);
    refusal(r#"{"version":1,"pid":0,"host":"we"#);
}

#[test]
fn bytes_that_are_not_text_are_torn_only_in_a_record_of_ours() {
    assert_eq!(Content::parse(b"{\"version\":1,\"pid\":42,\"host\":\"\xc3"), Content::Torn);
    assert_eq!(Content::parse(b"42\n{\"version\":1,\"pid\":42,\"host\":\"\xc3"), Content::Torn);
    assert_eq!(Content::parse(b"\n{\"version\":1,\"pid\":42,\"host\":\"\xc3"), Content::Torn);
    refusal(b"{\"pid\":42,\"host\":\"\xc3");
    refusal(b"42\n{\"pid\":42,\"host\":\"\xc3");
    refusal(b"key\n{\"version\":1,\"pid\":42,\"host\":\"\xc3");
    refusal(b"42\n\xc3");
    refusal(b"42\xff");
}

// --- What nobody wrote as a lockfile ----------------------------------------------------------

#[test]
fn what_is_no_lockfile_is_refused() {
    let files: [&[u8]; 16] = [
        b"\x7fELF\x02\x01\x01\0",
        b"\xff\xfe4\x002\0",
        b"\xef\xbb\xbf4242\n",
        b"\0\0\x004242\n",
        b"42\x0042",
        b"#!/bin/sh\nexec backupd\n",
        b"[Unit]\nDescription=backup\n",
        b"[1,4242]",
        b"\"4242\"",
        b"pid: 4242\n",
        b"PID=4242\n",
        b"4242,4243",
        b"4242.5",
        b"42 4 2",
        b"\xd9\xa4\xd9\xa2",
        b"null",
    ];
    for file in files {
        refusal(file);
    }
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let mut pid = b"4242\n".to_vec();
    pid.resize(LIMIT, b'x');
    assert_eq!(record(&pid), bare(4242));
    pid.push(b'x');
    assert!(refusal(&pid).contains("8192"));
    refusal(vec![b' '; LIMIT + 1]);
    refusal(vec![0; LIMIT + 1]);
    refusal(vec![b'{'; 1 << 20]);
}

#[test]
fn deep_nesting_is_no_way_to_overflow_the_stack() {
    for open in ["{", "[", "(", "{\"a\":", "{\"pid\":[", "((a", "\"", "\\"] {
        refusal(open.repeat(LIMIT / open.len()));
        refusal(format!("x{}", open.repeat(4000 / open.len())));
    }
    let inside =
        |depth: usize| format!(r#"{{"a":{}{},"pid":7}}"#, "[".repeat(depth), "]".repeat(depth));
    assert_eq!(record(inside(4000)), bare(7), "an unknown field is passed over, however deep");
    refusal(format!(r#"{{"pid":7,"a":{}"#, "[".repeat(8000)));
}

#[test]
fn a_raw_control_character_is_not_json() {
    refusal("{\"pid\":7,\"message\":\"a\nb\"}");
    refusal("{\"pid\":7,\"message\":\"a\0b\"}");
    let ours = "{\"version\":1,\"pid\":7,\"message\":\"a\x1bb\"}";
    assert_eq!(Content::parse(ours.as_bytes()), Content::Torn);
    let escaped = record(r#"{"pid":7,"message":"a\u001b[2J\nb"}"#);
    assert_eq!(escaped.message.as_deref(), Some("a\x1b[2J\nb"));
}

// --- Properties -------------------------------------------------------------------------------

/// Any text, of characters of every length and kind.
fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec!['"', '\\', '\n', '\0', '{', '}', '\u{7f}', '\u{2028}']);
    let char = prop_oneof![any::<char>(), special];
    prop::collection::vec(char, 0..24).prop_map(String::from_iter)
}

/// A field that may be missing, with any of `values`.
fn field<T: serde::Serialize + std::fmt::Debug>(
    name: &'static str,
    values: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<(String, Value)>> {
    prop::option::of(values.prop_map(move |value| (name.to_owned(), json!(value))))
}

fn time() -> impl Strategy<Value = String> {
    // Up to the end of the year 9999.
    (0..253_402_300_800_000_u64).prop_map(|millis| {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        humantime::format_rfc3339_millis(time).to_string()
    })
}

/// The fields of any record of version 1, in the order in which they are written.
fn fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let texts = (
        field("host", text()),
        field("message", text()),
        field("program", text()),
        field("boot_id", text()),
        field("machine", text()),
        field("backend", text()),
        field("nonce", text()),
    );
    let numbers = (
        field("uid", any::<u32>()),
        field("pid_namespace", any::<u64>()),
        field("time_namespace", any::<u64>()),
        field("start_ticks", any::<u64>()),
        field("pidfd_inode", any::<u64>()),
    );
    let times = (field("acquired_at", time()), field("released_at", time()));
    (1..=i32::MAX, texts, numbers, times).prop_map(|(pid, texts, numbers, times)| {
        let (host, message, program, boot_id, machine, backend, nonce) = texts;
        let (uid, pid_namespace, time_namespace, start_ticks, pidfd_inode) = numbers;
        let known = [("version".to_owned(), json!(1)), ("pid".to_owned(), json!(pid))];
        let more = [host, message, program, uid, boot_id, machine, pid_namespace, time_namespace];
        let last = [start_ticks, pidfd_inode, backend, times.0, times.1, nonce];
        known.into_iter().chain(more.into_iter().chain(last).flatten()).collect()
    })
}

fn object(fields: &[(String, Value)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// The bytes of lockfiles of every format, to be spoilt.
fn lockfile() -> impl Strategy<Value = Vec<u8>> {
    let json = to_json(&whole());
    prop::sample::select(vec![
        format!("{json:<1023}\n"),
        format!("4242\n{json}\n"),
        "4242\n".to_owned(),
        "-4242\n/var/lib/postgresql/data\n1700000000\n".to_owned(),
        "4242 web-1\n".to_owned(),
        "web-1/effffffc:4242".to_owned(),
        "ann@web-1.4242:1700000000".to_owned(),
        r#"((host web-1)(pid 4242)(message "a \"b\" \195\169")(start_time 17))"#.to_owned(),
    ])
    .prop_map(String::into_bytes)
}

/// No panic, and a PID in range if a record comes out.
fn check(bytes: &[u8]) {
    if let Content::Record(record) = Content::parse(bytes) {
        assert!((1..=0x7fff_ffff).contains(&record.pid), "{record:?}");
        let json = to_json(&record);
        assert_eq!(to_json(&self::record(&json)), json, "it can be written and read again");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_something(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        check(&bytes);
    }

    #[test]
    fn any_text_after_any_opening_is_something(
        opening in prop::sample::select(vec!["{", "(", "((pid 1)(a \"\\", "42", "42\n{", "-4\n/", "a:", "a@"]),
        text in "[-+(){}\":@/\\\\ \n\0a0-9é]{0,40}",
    ) {
        check(format!("{opening}{text}").as_bytes());
    }

    #[test]
    fn a_spoilt_lockfile_is_something(
        mut bytes in lockfile(),
        spoilt in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for (at, byte) in spoilt {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
    }

    #[test]
    fn what_is_written_is_read(fields in fields()) {
        let written: Record = serde_json::from_str(&object(&fields)).unwrap();
        let json = to_json(&written);
        prop_assert_eq!(&json, &object(&fields), "nothing is lost or made up");
        prop_assert_eq!(&record(&json), &written);
        prop_assert_eq!(&record(format!("{}\n{json}\n", written.pid)), &written);
    }

    #[test]
    fn fields_are_read_in_any_order(
        (fields, shuffled) in fields().prop_flat_map(|fields| {
            let mut more = fields.clone();
            more.push(("x-unknown".to_owned(), json!({ "pid": [0, "x"] })));
            (Just(fields), Just(more).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(record(object(&shuffled)), record(object(&fields)));
    }

    #[test]
    fn a_record_cut_anywhere_is_torn(fields in fields(), cut in any::<prop::sample::Index>()) {
        let json = object(&fields);
        let cut = &json.as_bytes()[..=cut.index(json.len() - 1)];
        prop_assert_eq!(Content::parse(cut), Content::Torn);
        prop_assert_eq!(Content::parse(&nul_filled(cut)), Content::Torn);
        prop_assert_eq!(Content::parse(&[b"4242\n", cut].concat()), Content::Torn);
        prop_assert_eq!(Content::parse(&nul_filled(&[b"4242\n", cut].concat())), Content::Torn);
    }

    #[test]
    fn digits_are_a_pid_exactly_in_range(number in prop_oneof![any::<u64>(), 0..=1_u64 << 33]) {
        let read = Content::parse(number.to_string().as_bytes());
        match i32::try_from(number) {
            Ok(1..) => prop_assert_eq!(read, Content::Record(Box::new(bare(u32::try_from(number).unwrap())))),
            _ => prop_assert!(matches!(read, Content::Invalid(_)), "{:?}", read),
        }
    }
}
