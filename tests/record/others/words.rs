//! Several words on a line.

use super::*;

#[test]
fn digits_behind_a_pid_are_when_it_started() {
    let started = || json!({ "pid": 42, "start_ticks": 128_877 });
    means(&[
        ("42 128877\n", started()),
        ("42 128877", started()),
        ("42\t128877\r\n", started()),
        ("  0042   00128877  \n", started()),
        ("42 128877\0\0", started()),
    ]);
    let of_boot = || json!({ "pid": 42, "start_ticks": 128_877, "boot_id": BOOT });
    means(&[
        (&format!("42 128877 {BOOT}\n"), of_boot()),
        (&format!("42 128877 {}\r\n", BOOT.to_uppercase()), of_boot()),
        (&format!("42 128877 {}", BOOT.replace('-', "")), of_boot()),
    ]);
    refuses(&[
        "42 128877 web-1\n",
        "42 128877 17\n",
        "42 128877 2797de81-5a3c-4b0e-9f8e\n",
        "42 18446744073709551616 2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e",
        "0 128877\n",
        "4194305 128877\n",
        "42 128877\n43 17\n",
    ]);
}

#[test]
fn uucp_names_a_program_and_a_user() {
    let minicom = || json!({ "pid": 4242, "program": "minicom" });
    means(&[
        ("      4242 minicom ann\n", minicom()),
        ("      4242 minicom ann", minicom()),
        ("      4242 minicom ann\r\n", minicom()),
        ("      4242 minicom ann \n\n", minicom()),
        ("      4242 minicom ann\0", minicom()),
        ("04242 minicom ann\n", minicom()),
        ("04242 minicom \n", minicom()),
        ("1234567 minicom ann\n", json!({ "pid": 1_234_567, "program": "minicom" })),
        ("      4242 cu nas-1\n", json!({ "pid": 4242, "program": "cu" })),
        ("0000004242 cu ann\n", json!({ "pid": 4242, "program": "cu" })),
        ("      4242\n", json!({ "pid": 4242 })),
    ]);
    // Unaligned, it may be the name of a host.
    refuses(&["4242 nas-1 backup\n", "     4242 nas-1 backup\n", "      4242 a b c\n"]);
}

#[test]
fn a_host_before_the_pid_comes_with_a_time_and_a_random_number() {
    let there = || json!({ "pid": 42, "host": "web-1" });
    means(&[
        ("web-1 42 1700000000 1234\n", there()),
        ("web-1 42 1700000000 1234", there()),
        ("web-1 42 1700000000 1234\r\n", there()),
        ("web-1 42 1700000000 1234\nweb-1 42 1700000009 7\n", there()),
        (
            "web-1 42 1700000000 1234\nweb-1 43 1700000009 7\n",
            json!({ "pid": 42, "host": "web-1", "more_pids": [43] }),
        ),
    ]);
    refuses(&[
        "17 42 1700000000 1234\n",
        "web-1 0 1700000000 1234\n",
        "web-1 42 yesterday 1234\n",
        "web-1 42 1700000000\n",
        "web-1 42\n",
        "web-1 42 1700000000 1234\nweb-2 43 1700000009 7\n",
        "web-1 42 1700000000 1234\nand more\n",
    ]);
}

#[test]
fn the_lines_of_several_holders_are_of_one_host() {
    means(&[
        ("42 web-1\n43 web-1\n", json!({ "pid": 42, "host": "web-1", "more_pids": [43] })),
        (
            "        42 cu a\n        43 cu b\n",
            json!({ "pid": 42, "program": "cu", "more_pids": [43] }),
        ),
    ]);
    refuses(&["42 web-1\n43 web-2\n", "42 web-1\n43\n"]);
}
