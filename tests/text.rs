//! How a holder and a status read in a log: one line, whatever the lockfile says.
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

use tenure::{Content, Holder, State, Status, Verdict, Why};

fn holder(json: &str) -> Holder {
    match Content::parse(json.as_bytes()) {
        Content::Record(record) => Holder::new(*record, Verdict::Live),
        other => panic!("{other:?}"),
    }
}

/// Acquired when the clock of its host was far ahead: that is no time ago.
const BACKUPD: &str = r#"{"pid":4242,"host":"web-1","message":"nightly backup","program":"backupd",
    "phase":"ready","acquired_at":"9999-01-01T00:00:00Z","nonce":"0"}"#;

#[test]
fn a_holder_is_named_by_what_it_says_of_itself() {
    for (json, text) in [
        (BACKUPD, "pid 4242 (backupd) on web-1, acquired 0s ago: \"nightly backup\""),
        (r#"{"pid":4242}"#, "pid 4242"),
        (r#"{"pid":4242,"host":"web-1"}"#, "pid 4242 on web-1"),
        (r#"{"pid":4242,"message":"x"}"#, "pid 4242: \"x\""),
        ("4242\n", "pid 4242"),
        ("web-1:4242", "pid 4242 on web-1"),
    ] {
        assert_eq!(holder(json).to_string(), text);
    }
}

#[test]
fn an_age_is_as_coarse_as_people_read_it() {
    let text = holder(r#"{"pid":1,"acquired_at":"2026-01-01T00:00:00.123Z"}"#).to_string();
    let age = text.strip_prefix("pid 1, acquired ").unwrap().strip_suffix(" ago").unwrap();
    assert!(humantime::parse_duration(age).is_ok(), "{age}");
    assert!(!age.contains("ms") && !age.contains("ns"), "{age}");
}

#[test]
fn what_a_holder_says_of_itself_is_escaped() {
    let hostile =
        r#"{"pid":1,"host":"a\u001b[2J","program":"b\nc","message":"d\"\re\u202e\u0085"}"#;
    let text = holder(hostile).to_string();
    assert_eq!(text, r#"pid 1 (b\nc) on a\u{1b}[2J: "d\"\re\u{202e}\u{85}""#);
}

#[test]
fn a_status_says_who_holds_or_did() {
    let whom = || Some(holder(BACKUPD));
    let named = holder(BACKUPD).to_string();
    for (state, text) in [
        (State::Held, format!("held by {named} (ready)")),
        (State::Stale, format!("stale, left by {named}")),
        (State::Free, format!("free, last held by {named}")),
        (State::Unproven, format!("unproven, perhaps held by {named}")),
    ] {
        assert_eq!(Status::new("x", state, whom()).to_string(), text);
    }
    for (state, text) in [
        (State::Held, "held, by a process that has written no record"),
        (State::Stale, "stale, without a record"),
        (State::Free, "free"),
        (State::Unproven, "unproven"),
    ] {
        assert_eq!(Status::new("x", state, None).to_string(), text);
    }
}

#[test]
fn a_verdict_says_why() {
    for (verdict, text) in [
        (Verdict::Live, "live"),
        (Verdict::Stale(Why::Dead), "stale: its process no longer exists"),
    ] {
        assert_eq!(verdict.to_string(), text);
    }
    assert!(Verdict::Unproven(Why::ForeignHost).to_string().starts_with("unproven: "));
}

/// Ready is who is alive, holds the lock, and says so.
#[test]
fn nobody_else_is_ready() {
    let of = |json, verdict| {
        let record = holder(json).record().clone();
        Some(Holder::new(record, verdict))
    };
    let unproven = Verdict::Unproven(Why::Outlived);
    for (state, whom, is_ready) in [
        (State::Held, of(BACKUPD, Verdict::Live), true),
        (State::Held, of(BACKUPD, unproven), false),
        (State::Unproven, of(BACKUPD, unproven), false),
        (State::Stale, of(BACKUPD, Verdict::Stale(Why::Dead)), false),
        (State::Free, of(BACKUPD, Verdict::Stale(Why::Released)), false),
        (State::Held, of(r#"{"pid":1,"phase":"starting"}"#, Verdict::Live), false),
        (State::Held, of(r#"{"pid":1}"#, Verdict::Live), false),
        (State::Held, None, false),
    ] {
        assert_eq!(Status::new("x", state, whom.clone()).is_ready(), is_ready, "{state} {whom:?}");
    }
}
