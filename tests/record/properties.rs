//! What holds of any bytes, and of any record.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;

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

/// The fields of any record of version 1, in the order in which they are written. One without a nonce
/// is another program's.
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
        field("device", any::<u64>()),
    );
    let times = (field("acquired_at", time()), field("released_at", time()));
    (1..=4_194_304_u32, texts, numbers, times).prop_map(|(pid, texts, numbers, times)| {
        let (host, message, program, boot_id, machine, backend, nonce) = texts;
        let (uid, pid_namespace, time_namespace, start_ticks, pidfd_inode, device) = numbers;
        let known = [("version".to_owned(), json!(1)), ("pid".to_owned(), json!(pid))];
        let nonce = nonce.or_else(|| Some(("nonce".to_owned(), json!("00ff"))));
        let more = [host, message, program, uid, boot_id, machine, pid_namespace, time_namespace];
        let last = [start_ticks, pidfd_inode, device, backend, times.0, times.1, nonce];
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
        "4242\n4243\n4244\n".to_owned(),
        "4242\nweb-1?pidns-effffffc\n970823393277154231761031368478186872597938292068135860077\n"
            .to_owned(),
        "filelock/2\npid=4242\nhost=web-1?2e\nmode=exclusive\nstart=128877\n".to_owned(),
        "4242\napp\nweb-1\n0123456789abcdef0123456789abcdef\n2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e\n"
            .to_owned(),
        "4242 128877 2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e\n".to_owned(),
        "      4242 minicom ann\n".to_owned(),
        "web-1 4242 1700000000 1234\n".to_owned(),
        "127.0.1.1:+4242".to_owned(),
        " 4242;web-1\n".to_owned(),
        "42\0\0".to_owned(),
        r#"{"PID":"4242","hostName":"web-1","boot-id":"x"}"#.to_owned(),
        r#"((host web-1)(pid 4242)(message "a \"b\" \195\169")(start_time 17))"#.to_owned(),
    ])
    .prop_map(String::into_bytes)
}

/// No panic, and a PID in range if a record comes out.
fn check(bytes: &[u8]) {
    if let Content::Record(record) = Content::parse(bytes) {
        assert!(record.pids().all(|pid| (1..=4_194_304).contains(&pid)), "{record:?}");
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
        opening in prop::sample::select(vec!["{", "(", "((pid 1)(a \"\\", "42", "42\n{", "-4\n/", "a:", "a@", "4\n5\n", "4\na\n", "pid=", "filelock/2\n", "4 5 ", "a 4 ", "4;"]),
        text in "[-+(){}\":;=?@/\\\\ \n\0a0-9é]{0,40}",
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
    fn digits_are_a_pid_exactly_in_range(number in prop_oneof![any::<u64>(), 0..=1_u64 << 33, 0..=1_u64 << 23]) {
        let read = Content::parse(number.to_string().as_bytes());
        match number {
            1..=4_194_304 => prop_assert_eq!(read, Content::Record(Box::new(bare(u32::try_from(number).unwrap())))),
            _ => prop_assert!(matches!(read, Content::Invalid(_)), "{:?}", read),
        }
    }
}
