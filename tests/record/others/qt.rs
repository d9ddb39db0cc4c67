//! Qt's `QLockFile`: PID, application, host, machine id and boot id.

use super::*;

#[test]
fn a_qlockfile_names_application_host_machine_and_boot() {
    let machine = digest_of_machine();
    let whole = || json!({ "pid": 42, "program": "my app", "host": "web-1", "machine": machine, "boot_id": BOOT });
    means(&[
        (&format!("42\nmy app\nweb-1\n{MACHINE}\n{BOOT}\n"), whole()),
        (&format!("42\r\nmy app\r\nweb-1\r\n{MACHINE}\r\n{BOOT}\r\n"), whole()),
        (&format!("42\nmy app\nweb-1\n{MACHINE}\n{BOOT}"), whole()),
        (&format!(" 0042\nmy app \nweb-1 \n {MACHINE}\n{BOOT} \n\n"), whole()),
        (
            &format!("42\nmy app\nweb-1\n{}\n{}\n", MACHINE.to_uppercase(), BOOT.to_uppercase()),
            whole(),
        ),
        (&format!("42\nmy app\nweb-1\n{MACHINE}\n{}\n", BOOT.replace('-', "")), whole()),
    ]);
}

#[test]
fn what_a_qlockfile_does_not_know_is_an_empty_line() {
    let machine = digest_of_machine();
    means(&[
        ("42\napp\nweb-1\n", json!({ "pid": 42, "program": "app", "host": "web-1" })),
        ("42\napp\nweb-1\n\n\n", json!({ "pid": 42, "program": "app", "host": "web-1" })),
        ("42\n\nweb-1\n\n\n", json!({ "pid": 42, "host": "web-1" })),
        (
            &format!("42\napp\nweb-1\n{MACHINE}\n\n"),
            json!({ "pid": 42, "program": "app", "host": "web-1", "machine": machine }),
        ),
        (
            &format!("42\napp\nweb-1\n\n{BOOT}\n"),
            json!({ "pid": 42, "program": "app", "host": "web-1", "boot_id": BOOT }),
        ),
        (
            &format!("42\napp\n\n{MACHINE}\n{BOOT}\n"),
            json!({ "pid": 42, "program": "app", "machine": machine, "boot_id": BOOT }),
        ),
        (
            &format!("42\n17\nweb-1\n{MACHINE}\n{BOOT}\n"),
            json!({ "pid": 42, "program": "17", "host": "web-1", "machine": machine, "boot_id": BOOT }),
        ),
    ]);
}

#[test]
fn an_id_that_is_none_says_nothing() {
    let named = || json!({ "pid": 42, "program": "app", "host": "web-1" });
    let zeros = "00000000-0000-0000-0000-000000000000";
    means(&[
        ("42\napp\nweb-1\nx\ny\n", named()),
        (&format!("42\napp\nweb-1\n{}\n\n", &MACHINE[1..]), named()),
        (&format!("42\napp\nweb-1\n\n{zeros}\n"), named()),
        (&format!("42\napp\nweb-1\n\n{}\n", BOOT.replacen('-', "", 1)), named()),
    ]);
}
