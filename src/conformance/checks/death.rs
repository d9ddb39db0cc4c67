//! A holder that dies holds no longer. Within the scope of one process, it is the record that tells.

use super::super::stage::Stage;
use crate::backend::Admission;

pub(super) fn a_dead_holder_is_recovered(stage: Stage) {
    let mut holder = stage.process();
    holder.succeed("try_lock");
    holder.die();
    let mut lock = stage.lock();
    lock.try_lock().expect("its holder is dead");
    let dead = lock.recovered_from().expect("it had written its record");
    assert_eq!(dead.pid(), holder.pid());
    assert!(lock.was_abandoned(), "it was not released");
    lock.unlock().expect("it is held");
    lock.try_lock().expect("nobody holds the lock");
    assert!(!lock.was_abandoned(), "now it was released");
    drop(lock);
    stage.leave();
}

/// So that a free lock proves that its holder is gone.
pub(super) fn death_frees_the_lock_itself(stage: Stage) {
    let mut holder = stage.process();
    holder.succeed("try_lock");
    let file = stage.open();
    assert_eq!(stage.ask(&file), Admission::Refused, "another process has it");
    holder.die();
    assert_eq!(stage.ask(&file), Admission::Locked, "whoever had it is dead");
    stage.backend().release(&file, stage.path()).expect("it is locked");
    drop(file);
    stage.leave();
}

pub(super) fn whoever_waits_is_next_after_a_death(stage: Stage) {
    is_next(stage, "wait");
}

pub(super) fn whoever_waits_with_a_limit_is_next_after_a_death(stage: Stage) {
    is_next(stage, "wait with a limit");
}

fn is_next(stage: Stage, wait: &str) {
    let (mut holder, mut waiter) = (stage.process(), stage.process());
    holder.succeed("try_lock");
    waiter.wait_in(wait);
    waiter.still_waits();
    holder.die();
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("was it abandoned"), holder.pid().to_string());
    waiter.succeed("unlock");
    stage.leave();
}
