//! A PID a line: `HAProxy`, and programs that write their PID over a longer one.

use super::*;

#[test]
fn every_pid_of_a_file_with_a_pid_a_line_counts() {
    let two = || json!({ "pid": 42, "more_pids": [43] });
    means(&[
        ("42\n43\n", two()),
        ("42\n43", two()),
        ("42\r\n43\r\n", two()),
        ("\n42\n\n43\n\n", two()),
        ("  42  \n\t43\t\n", two()),
        ("0042\n0000043\n", two()),
        ("42\n43\n\0\0\0", two()),
        ("42\n43\n42\n43\n", two()),
        ("42\n44\n43\n", json!({ "pid": 42, "more_pids": [43, 44] })),
        ("42\n42\n", json!({ "pid": 42 })),
        ("99\n5\n", json!({ "pid": 99, "more_pids": [5] })),
    ]);
}

#[test]
fn a_later_line_that_is_no_pid_is_none() {
    means(&[
        ("42\n0\n", json!({ "pid": 42 })),
        ("42\n1700000000\n", json!({ "pid": 42 })),
        ("42\n4194305\n", json!({ "pid": 42 })),
        ("42\n43\nand more\n44\n", json!({ "pid": 42, "more_pids": [43] })),
        ("42\n-43\n", json!({ "pid": 42 })),
        ("42\n/usr/sbin/sendmail -bd -q1h\n", json!({ "pid": 42 })),
        ("42\n/var/lib/postgresql/data\n1700000000\n5432\n", json!({ "pid": 42 })),
    ]);
}

#[test]
fn a_pid_above_what_a_system_numbers_is_no_lockfile() {
    refuses(&["4194305", "20261130\n", "99999999\n", "20261130\n42\n", "1700000000"]);
    means(&[("4194304\n", json!({ "pid": 4_194_304 }))]);
}

#[test]
fn a_pid_written_over_the_first_line_of_ours_counts_beside_ours() {
    let ours = r#"{"version":1,"pid":43,"host":"web-1","nonce":"00ff00ff00ff00ff"}"#;
    let both = json!({ "version": 1, "pid": 43, "more_pids": [42], "host": "web-1" });
    means(&[
        (&format!("42\n{ours}\n"), both.clone()),
        (&format!("42\r\n{ours}   \r\n"), both),
        (
            &format!("9\n5\n{ours}\n"),
            json!({ "version": 1, "pid": 43, "more_pids": [5, 9], "host": "web-1" }),
        ),
    ]);
    assert!(record(format!("42\n{ours}\n")).is_legacy(), "its writer is not alone any more");
    assert!(!record(format!("43\n{ours}\n")).is_legacy());
    assert_eq!(Content::parse(format!("42\n{}", &ours[..40]).as_bytes()), Content::Torn);
}

#[test]
fn a_record_names_all_its_pids() {
    assert_eq!(record("42\n44\n43\n").pids().collect::<Vec<_>>(), [42, 43, 44]);
    assert_eq!(record("42\n").pids().collect::<Vec<_>>(), [42]);
}

#[test]
fn as_many_pids_as_fit_are_read() {
    let lines = "1\n".repeat(LIMIT / 2);
    assert_eq!(record(&lines), bare(1));
    let lines: Vec<_> = (1..=1000).map(|pid| pid.to_string()).collect();
    assert_eq!(record(lines.join("\n")).more_pids.len(), 999);
}
