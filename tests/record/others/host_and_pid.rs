//! A host and a PID in one word.

use super::*;

#[test]
fn a_plus_may_stand_before_the_pid() {
    means(&[
        ("web-1:+42", json!({ "pid": 42, "host": "web-1" })),
        ("web-1:+42\n", json!({ "pid": 42, "host": "web-1" })),
        ("web-1:+0042\r\n", json!({ "pid": 42, "host": "web-1" })),
        ("web-1:+42\0\0", json!({ "pid": 42, "host": "web-1" })),
        ("127.0.1.1:+42", json!({ "pid": 42, "host": "127.0.1.1" })),
        ("10.0.0.1:42", json!({ "pid": 42, "host": "10.0.0.1" })),
        ("[::1]:+42", json!({ "pid": 42, "host": "[::1]" })),
        ("[fe80::1]:42", json!({ "pid": 42, "host": "[fe80::1]" })),
        ("::1:+42", json!({ "pid": 42, "host": "::1" })),
        ("3com:+42", json!({ "pid": 42, "host": "3com" })),
    ]);
    refuses(&[
        "web-1:++42",
        "web-1:+",
        "web-1:+-42",
        "web-1:-42",
        "web-1:+0",
        "web-1:+4194305",
        ":+42",
        "web 1:+42",
        "web-1:+42\n43\n",
        "web-1:+42\nmore\n",
        // An address, or an address and a PID.
        "::1:42",
    ]);
}

#[test]
fn digits_are_no_host() {
    refuses(&["17:42", "17:+42", "17@42", "17;42", "0x11;42"]);
}

#[test]
fn a_host_may_stand_behind_the_pid() {
    let there = || json!({ "pid": 42, "host": "web-1" });
    means(&[
        (" 42;web-1\n", there()),
        ("42;web-1", there()),
        ("0042;web-1\r\n", there()),
        ("42:web-1", there()),
        ("42@web-1\n", there()),
        // Emacs' user 42 and the PID 7, or Java's PID 42 on another host.
        ("42@web.7", json!({ "pid": 7, "host": "web", "more_pids": [42] })),
    ]);
    refuses(&["42;", ";web-1", "0;web-1", "4194305;web-1", "42;a b", "42;web-1;7", "web-1;42"]);
}
