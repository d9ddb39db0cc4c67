//! What the bytes of a lockfile mean: every format, every way to be torn, and whatever else may
//! lie there.

#[path = "record/hostile.rs"]
mod hostile;
#[path = "record/legacy.rs"]
mod legacy;
#[path = "record/others.rs"]
mod others;
#[path = "record/ours.rs"]
mod ours;
#[path = "record/properties.rs"]
mod properties;
#[path = "record/torn.rs"]
mod torn;

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
        "device": 2049,
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
