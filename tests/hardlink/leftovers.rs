//! What the dead leave beside the lockfile, and what only looks like it.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::scene::{NONCE, beside, copy, elsewhere, holding, leave_stale, linked, peer};
use crate::support::{Place, place};

/// The record of a dead holder of another lockfile.
fn corpse(place: &Place) -> std::path::PathBuf {
    let path = place.dir().join("corpse");
    leave_stale(&path);
    path
}

#[test]
fn the_next_holder_sweeps_up() {
    let place = place();
    let corpse = corpse(&place);
    let put = |kind: &str, number: u32| {
        let path = beside(&place.path, kind, &format!("{number:016x}"));
        copy(&corpse, &path, |_| {});
        path
    };
    for kind in ["draft", "claim", "stale"] {
        put(kind, 1);
    }
    // Written by halves, by a contender that died then, or that has to begin again.
    fs::write(beside(&place.path, "draft", &format!("{:016x}", 2)), "").unwrap();
    fs::write(beside(&place.path, "draft", &format!("{:016x}", 3)), "{\"version\":1,\"pi").unwrap();
    // Of whom nothing is known, but that there is nothing more to claim.
    copy(&corpse, &put("claim", 4), elsewhere);
    copy(&corpse, &put("draft", 5), elsewhere);
    assert_eq!(place.names().len(), 8);
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert_eq!(place.names(), ["corpse", "test.lock"]);
    assert!(lock.was_abandoned(), "the record that was moved aside tells of it");
}

#[test]
fn a_draft_of_the_living_stays() {
    let place = place();
    let other = place.dir().join("other");
    let _alive = holding(&other);
    let draft = beside(&place.path, "draft", NONCE);
    copy(&other, &draft, |_| {});
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    assert!(draft.exists());
}

#[test]
fn what_is_not_ours_is_not_touched() {
    let place = place();
    let corpse = corpse(&place);
    let path = |kind: &str| beside(&place.path, kind, NONCE);
    fs::create_dir(path("draft")).unwrap();
    symlink("nowhere", path("claim")).unwrap();
    assert!(Command::new("mkfifo").arg(path("stale")).status().unwrap().success());
    let precious = beside(&place.path, "draft", "0000000000000001");
    fs::write(precious, "precious").unwrap();
    let precious = beside(&place.path, "claim", "0000000000000002");
    fs::write(precious, "").unwrap();
    for name in [
        "test.lock.draft.0123456789ABCDEF",
        "test.lock.draft.0123456789abcdef.bak",
        "test.lock2.draft.0123456789abcdef",
        "test.loc.draft.0123456789abcdef",
    ] {
        copy(&corpse, &place.dir().join(name), |_| {});
    }
    let before = place.names();
    let mut lock = linked(&place.path);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    assert_eq!(place.names(), before);
}

#[test]
fn whoever_is_refused_leaves_nothing() {
    let place = place();
    let mut holder = holding(&place.path);
    let mut contender = peer(&place.path);
    for command in ["try_lock", "lock_timeout 5", "release_stale", "status", "holder"] {
        contender.ask(command);
        assert_eq!(place.names(), ["test.lock"], "{command}");
    }
    assert_eq!(holder.ask("verify"), "ok");
}
