//! JSON of other programs.

use super::*;

#[test]
fn the_usual_names_of_json_are_known() {
    let there = || json!({ "pid": 42, "host": "web-1" });
    means(&[
        (r#"{"pid":42,"hostname":"web-1"}"#, there()),
        (r#"{"PID":42,"HostName":"web-1"}"#, there()),
        (r#"{"pid":"42","host":"web-1"}"#, there()),
        (r#"{"process_id":" 0042 ","host_name":" web-1 "}"#, there()),
        (r#"{"processId":42,"nodename":"web-1","host":null}"#, there()),
        (r#"{"pid":42,"PID":42,"host":"web-1","hostname":"web-1"}"#, there()),
        (r#"{"pid":42,"host":"17"}"#, json!({ "pid": 42 })),
        (r#"{"pid":42,"host":""}"#, json!({ "pid": 42 })),
        (r#"{"pid":42,"bootId":"x","machineId":"y","machine":"x86_64"}"#, json!({ "pid": 42 })),
        (&format!(r#"{{"pid":42,"boot_id":"{BOOT}"}}"#), json!({ "pid": 42, "boot_id": BOOT })),
        (
            &format!(r#"{{"pid":42,"bootId":"{}","MachineID":"{MACHINE}"}}"#, BOOT.to_uppercase()),
            json!({ "pid": 42, "boot_id": BOOT, "machine": digest_of_machine() }),
        ),
        (
            r#"{"pid":42,"pidns":4026531836,"start-ticks":"17"}"#,
            json!({ "pid": 42, "pid_namespace": 4_026_531_836_u64, "start_ticks": 17 }),
        ),
    ]);
}

#[test]
fn what_other_programs_mean_by_our_names_does_not_hide_the_pid() {
    means(&[
        (r#"{"pid":42,"version":"1.2"}"#, json!({ "pid": 42 })),
        (r#"{"pid":42,"acquired_at":1700000000}"#, json!({ "pid": 42 })),
        (r#"{"pid":42,"message":["a"],"uid":-1,"device":"8:1","nonce":7}"#, json!({ "pid": 42 })),
        (
            r#"{"version":1,"pid":42,"hostname":"web-1"}"#,
            json!({ "version": 1, "pid": 42, "host": "web-1" }),
        ),
        ("{\r\n  \"PID\": 42\r\n}\r\n", json!({ "pid": 42 })),
    ]);
}

#[test]
fn what_contradicts_itself_is_refused() {
    refuses(&[
        r#"{"pid":42,"PID":43}"#,
        r#"{"pid":42,"process_id":43}"#,
        r#"{"pid":42,"host":"web-1","hostname":"web-2"}"#,
        r#"{"pid":42,"hostname":17}"#,
        r#"{"PID":"42","hostname":["web-1"]}"#,
        r#"{"pid":"0"}"#,
        r#"{"pid":"-42"}"#,
        r#"{"pid":"42 43"}"#,
        r#"{"pid":"20261130"}"#,
        r#"{"pid":20261130}"#,
        r#"{"pid":42.0}"#,
        r#"{"pids":[42]}"#,
        r#"{"pid":42,"more_pids":[0]}"#,
    ]);
}
