//! Somebody removes or replaces the lockfile while it is held.

use std::fs;

use super::super::stage::Stage;
use crate::error::Error;
use crate::sys;

pub(super) fn a_deletion_is_reported(stage: Stage) {
    let (mut held, mut other) = (stage.held(), stage.contender());
    sys::unlink(stage.path()).expect("it is there");
    is_rogue_deletion(held.verify(), false);
    // Whether another is admitted, is for the backend; but then it is harmed by nobody.
    let answer = other.ask("try_lock");
    let admitted = answer == "ok";
    assert!(admitted || answer.starts_with("Busy"), "{answer}");
    is_rogue_deletion(held.unlock(), admitted);
    assert!(!held.is_held());
    if !admitted {
        other.succeed("try_lock");
    }
    other.succeed("verify");
    other.succeed("unlock");
    stage.leave();
}

pub(super) fn what_replaces_a_lockfile_is_left_alone(stage: Stage) {
    const CONTENT: &str = "not a lockfile\n";
    let mut held = stage.held();
    sys::unlink(stage.path()).expect("it is there");
    fs::write(stage.path(), CONTENT).expect("it can be written");
    is_rogue_deletion(held.verify(), true);
    is_rogue_deletion(held.unlock(), true);
    let left = fs::read_to_string(stage.path()).expect("it can be read");
    assert_eq!(left, CONTENT, "it is not the holder's to change");
    sys::unlink(stage.path()).expect("it is there");
    stage.leave();
}

#[track_caller]
fn is_rogue_deletion(result: Result<(), Error>, by_another: bool) {
    match result {
        Err(Error::RogueDeletion { replaced, .. }) if replaced || !by_another => {}
        other => panic!("the lockfile was removed, and yet: {other:?}"),
    }
}
