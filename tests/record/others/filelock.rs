//! Python's filelock, and `GnuPG`'s dotlock: the host on the line below the PID.

use super::*;

/// The boot of `BOOT` in the upper bits, and 128877 ticks.
const START: &str = "970823393277154231761031368478186872597938292068135860077";

#[test]
fn the_host_on_the_second_line_counts() {
    let there = || json!({ "pid": 42, "host": "web-1" });
    means(&[
        ("42\nweb-1\n", there()),
        ("42\nweb-1", there()),
        ("42\r\nweb-1\r\n", there()),
        ("42\n web-1 \n\n", there()),
        ("42\n\nweb-1\n", there()),
        ("        42\nweb-1\n", there()),
        ("0042\nweb-1\n\0\0", there()),
        ("42\nWEB-1.Example.ORG\n", json!({ "pid": 42, "host": "WEB-1.Example.ORG" })),
        ("42\n3com\n", json!({ "pid": 42, "host": "3com" })),
        ("42\n10.0.0.1\n", json!({ "pid": 42, "host": "10.0.0.1" })),
        ("42\nfe80::1\n", json!({ "pid": 42, "host": "fe80::1" })),
        ("42\nwéb-1\n", json!({ "pid": 42, "host": "wéb-1" })),
    ]);
    let long = "x".repeat(8000);
    assert_eq!(record(format!("42\n{long}\n")), bare(42), "no host has such a name");
}

#[test]
fn the_pid_namespace_stands_behind_the_host() {
    let there = json!({ "pid": 42, "host": "web-1", "pid_namespace": 4_026_531_836_u64 });
    means(&[
        ("42\nweb-1?pidns-effffffc\n", there.clone()),
        ("42\nweb-1?pidns-EFFFFFFC", there),
        ("42\na?2eb\n", json!({ "pid": 42, "host": "a.b" })),
        ("42\n?\n", json!({ "pid": 42 })),
        ("42\n??pidns-1\n", json!({ "pid": 42, "pid_namespace": 1 })),
    ]);
    // What is not recognised leaves nothing but the PID.
    for text in
        ["42\nweb-1?pidns-\n", "42\nweb-1?pidns-xyz\n", "42\nweb-1?pidns-10000000000000000\n"]
    {
        assert_eq!(record(text), bare(42), "{text:?}");
    }
}

#[test]
fn the_number_on_the_third_line_is_the_start() {
    let start = json!({ "pid": 42, "host": "web-1", "start_ticks": 128_877 });
    means(&[
        ("42\nweb-1\n128877\n", start.clone()),
        ("42\r\nweb-1\r\n00128877", start),
        (
            "42\nweb-1\n18446744073709551615\n",
            json!({ "pid": 42, "host": "web-1", "start_ticks": u64::MAX }),
        ),
    ]);
    let too_large = format!("42\nweb-1\n{}\n", "9".repeat(100));
    assert_eq!(record(too_large), on_host("web-1", 42), "the host counts all the same");
}

#[test]
fn the_start_holds_the_boot_id() {
    let text = format!("42\nweb-1\n{START}\n");
    let read = record(text);
    assert_eq!(read.boot_id.as_deref(), Some(BOOT));
    assert_eq!(read.start_ticks, Some(128_877));
    let alone = record(format!("42 {START}\n"));
    assert_eq!((alone.boot_id, alone.start_ticks), (read.boot_id, read.start_ticks));
}

#[test]
fn protocol_2_names_its_fields() {
    let expected = json!({
        "pid": 42, "host": "web-1", "pid_namespace": 1, "start_ticks": 128_877, "boot_id": BOOT,
    });
    let text = format!("filelock/2\npid=42\nhost=web-1?pidns-1\nmode=exclusive\nstart={START}\n");
    means(&[
        (&text, expected.clone()),
        (&text.replace('\n', "\r\n"), expected),
        (
            "filelock/2\npid=42\nhost=web-1\nmode=lease\ntoken=ab\nduration=3.0\n",
            json!({ "pid": 42, "host": "web-1" }),
        ),
    ]);
    refuses(&[
        "filelock/2\n",
        "filelock/2\nhost=web-1\n",
        "filelock/2\npid=0\nhost=web-1\n",
        "filelock/2\npid=42\npid=43\nhost=web-1\n",
        "filelock/2\npid=42\nhost=web-1\nstart=x\n",
        "filelock/2\npid=42\nhost=a?zz\n",
        "filelock/2\n42\nweb-1\n",
        "filelock/3\npid=42\n",
    ]);
}

#[test]
fn the_lock_that_no_process_can_be_found_dead_for_is_left() {
    refusal("1\nfilelock-strict-v1\0\n0\n");
}
