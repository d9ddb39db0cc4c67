//! The lock goes from who holds it to who waits for it.

use super::super::stage::Stage;
use crate::sys;

pub(super) fn whoever_waits_is_next(stage: Stage) {
    is_next(stage, "wait");
}

pub(super) fn whoever_waits_with_a_limit_is_next(stage: Stage) {
    is_next(stage, "wait with a limit");
}

fn is_next(stage: Stage, wait: &str) {
    let (mut held, mut waiter) = (stage.held(), stage.contender());
    waiter.wait_in(wait);
    waiter.still_waits();
    held.unlock().expect("it is held");
    assert_eq!(waiter.answer(), "ok");
    assert!(held.try_lock().is_err_and(|err| err.is_busy()), "it was handed over");
    waiter.succeed("verify");
    waiter.succeed("unlock");
    stage.leave();
}

pub(super) fn a_limit_ends_a_wait(stage: Stage) {
    let (mut held, mut waiter) = (stage.held(), stage.contender());
    waiter.wait_in("wait shortly");
    let answer = waiter.answer();
    assert!(answer.starts_with("Timeout"), "{answer}");
    held.verify().expect("nobody has touched it");
    held.unlock().expect("it is held");
    // Whoever has given up is in nobody's way.
    held.try_lock().expect("nobody holds the lock");
    held.unlock().expect("it is held");
    stage.leave();
}

pub(super) fn signals_end_no_wait(stage: Stage) {
    are_survived(stage, "wait in signals");
}

pub(super) fn signals_end_no_wait_with_a_limit(stage: Stage) {
    are_survived(stage, "wait with a limit in signals");
}

fn are_survived(stage: Stage, wait: &str) {
    const SIGNALS: usize = 20;
    // They are for the thread that waits, also where that is of this process.
    sys::refuse_interruption().expect("a signal can be blocked");
    let (mut held, mut waiter) = (stage.held(), stage.contender());
    waiter.wait_in(wait);
    for _ in 0..SIGNALS {
        waiter.interrupt();
        waiter.until_asleep();
    }
    waiter.still_waits();
    held.unlock().expect("it is held");
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("was it interrupted"), "true");
    waiter.succeed("unlock");
    stage.leave();
}
