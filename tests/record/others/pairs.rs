//! A name, an equals sign and a value on each line.

use super::*;

#[test]
fn a_pid_may_have_a_name() {
    means(&[
        ("pid=42\n", json!({ "pid": 42 })),
        ("pid=42", json!({ "pid": 42 })),
        ("PID=42\r\n", json!({ "pid": 42 })),
        ("pid = 0042 \n", json!({ "pid": 42 })),
        ("\n\npid=\"42\"\n", json!({ "pid": 42 })),
        ("PID='42'\n", json!({ "pid": 42 })),
        ("port=80\npid=42\n\nstarted=2026-11-30\n", json!({ "pid": 42 })),
        ("pid=42\nHOSTNAME=web-1\n", json!({ "pid": 42, "host": "web-1" })),
        (&format!("pid=42\nboot-id={BOOT}\n"), json!({ "pid": 42, "boot_id": BOOT })),
        (
            &format!("pid=42\nMACHINE_ID={MACHINE}\n"),
            json!({ "pid": 42, "machine": digest_of_machine() }),
        ),
    ]);
    refuses(&[
        "pid=\n",
        "pid=x\n",
        "pid=0\n",
        "pid=-1\n",
        "pid=20261130\n",
        "pid=42 43\n",
        "pid=42\nPID=43\n",
        "pid=42\nand more\n",
        "pid=42\nhost=17\n",
        "port=80\n",
        "=42\n",
        "a b=42\n",
        "pid=\"42\n",
    ]);
}
