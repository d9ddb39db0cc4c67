//! The formats of other programs, a table each: what its bytes mean, and what lies next to it.

#[path = "others/binary.rs"]
mod binary;
#[path = "others/filelock.rs"]
mod filelock;
#[path = "others/host_and_pid.rs"]
mod host_and_pid;
#[path = "others/json.rs"]
mod json_names;
#[path = "others/pairs.rs"]
mod pairs;
#[path = "others/pids.rs"]
mod pids;
#[path = "others/qt.rs"]
mod qt;
#[path = "others/words.rs"]
mod words;

use super::*;

const MACHINE: &str = "0123456789abcdef0123456789abcdef";
const BOOT: &str = "2797de81-5a3c-4b0e-9f8e-6a1f3f4c5d6e";

/// The records of `table`, each as JSON without its version.
#[track_caller]
fn means(table: &[(&str, Value)]) {
    for (text, expected) in table {
        assert_eq!(record(text), from_json(expected.clone()), "{text:?}");
    }
}

#[track_caller]
fn refuses(texts: &[&str]) {
    for text in texts {
        refusal(text);
    }
}

/// What a record has for the raw machine id `MACHINE`.
fn digest_of_machine() -> String {
    let text = format!("{{\"pid\":1,\"machine_id\":\"{MACHINE}\"}}");
    let digest = record(text).machine.expect("it has a machine id");
    assert!(digest.len() == 16 && !MACHINE.contains(&digest), "{digest}");
    digest
}
