//! Many share the lock, or one has it alone.

use super::super::stage::Stage;
use crate::backend::Admission;

pub(super) fn many_share(stage: Stage) {
    let (mut one, mut other, mut alone) = (stage.contender(), stage.contender(), stage.lock());
    one.succeed("share");
    other.succeed("share");
    assert!(alone.try_lock().is_err_and(|err| err.is_busy()), "two share it");
    // The record alone would keep it out. The lock itself has to as well.
    assert_ne!(stage.ask(&stage.open()), Admission::Locked, "two share it");
    one.succeed("unlock");
    assert!(alone.try_lock().is_err_and(|err| err.is_busy()), "one still has it");
    other.succeed("unlock");
    alone.try_lock().expect("nobody holds the lock");
    alone.unlock().expect("it is held");
    stage.leave();
}

pub(super) fn one_alone_keeps_out_those_who_share(stage: Stage) {
    let (mut held, mut other) = (stage.held(), stage.contender());
    let answer = other.ask("share");
    assert!(answer.starts_with("Busy"), "{answer}");
    // The record alone would keep it out. The lock itself has to as well.
    let sharing = stage.backend().sharing().expect("this check is for those that can");
    let shared = sharing.try_share(&stage.open(), stage.path()).expect("it can be asked for");
    assert!(!shared, "one has it alone");
    held.unlock().expect("it is held");
    other.succeed("share");
    other.succeed("unlock");
    stage.leave();
}

pub(super) fn sharing_ends_with_death(stage: Stage) {
    let (mut one, mut other, mut alone) = (stage.process(), stage.process(), stage.lock());
    one.succeed("share");
    other.succeed("share");
    one.die();
    assert!(alone.try_lock().is_err_and(|err| err.is_busy()), "the other lives");
    other.die();
    alone.try_lock().expect("both are dead");
    alone.unlock().expect("it is held");
    stage.leave();
}
