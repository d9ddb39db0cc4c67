//! One is admitted, the others are told who.

use super::super::contender::Contender;
use super::super::stage::Stage;
use crate::backend::Admission;
use crate::error::Error;
use crate::status::State;

/// More than two, because the second who waits may be forgotten.
const CROWD: usize = 3;

pub(super) fn threads_exclude_each_other(stage: Stage) {
    let crowd = (0..CROWD).map(|_| stage.thread()).collect();
    they_take_turns(crowd);
    stage.leave();
}

pub(super) fn processes_exclude_each_other(stage: Stage) {
    let crowd = (0..CROWD).map(|_| stage.process()).collect();
    they_take_turns(crowd);
    stage.leave();
}

fn they_take_turns(mut crowd: Vec<Contender>) {
    for contender in &mut crowd {
        contender.tell("take turns");
    }
    for contender in &mut crowd {
        assert_eq!(contender.answer(), "ok");
    }
}

/// Without any record: the backend alone.
pub(super) fn one_is_admitted_to_a_file(stage: Stage) {
    let (one, other) = (stage.open(), stage.open());
    for _ in 0..2 {
        assert_eq!(stage.ask(&one), Admission::Locked, "nobody has the lock");
        assert_eq!(stage.ask(&other), Admission::Refused, "another open of the file has it");
        stage.backend().release(&one, stage.path()).expect("it is locked");
        assert_eq!(stage.ask(&other), Admission::Locked, "it was released, and is still open");
        assert_eq!(stage.ask(&one), Admission::Refused, "another open of the file has it");
        stage.backend().release(&other, stage.path()).expect("it is locked");
    }
    drop((one, other));
    stage.leave();
}

pub(super) fn one_process_is_admitted_to_a_file(stage: Stage) {
    let (file, mut other) = (stage.open(), stage.process());
    assert_eq!(stage.ask(&file), Admission::Locked, "nobody has the lock");
    assert_eq!(other.ask("ask the backend"), "Refused");
    stage.backend().release(&file, stage.path()).expect("it is locked");
    assert_eq!(other.ask("ask the backend"), "Locked");
    assert_eq!(stage.ask(&file), Admission::Refused, "another process has it");
    other.succeed("tell the backend to release");
    assert_eq!(stage.ask(&file), Admission::Locked, "it was released");
    stage.backend().release(&file, stage.path()).expect("it is locked");
    drop(file);
    stage.leave();
}

pub(super) fn whoever_is_refused_is_told_who_holds(stage: Stage) {
    let mut holder = stage.contender();
    holder.succeed("try_lock");
    let mut lock = stage.lock();
    match lock.try_lock() {
        Err(Error::Busy { holder: Some(named), .. }) => assert_eq!(named.pid(), holder.pid()),
        other => panic!("somebody holds the lock, and yet: {other:?}"),
    }
    let status = lock.status().expect("it can be read");
    assert_eq!(status.state(), State::Held);
    assert_eq!(status.holder().map(crate::Holder::pid), Some(holder.pid()));
    holder.succeed("verify");
    holder.succeed("unlock");
    stage.leave();
}

pub(super) fn another_thread_may_release(stage: Stage) {
    let (mut held, mut other) = (stage.held(), stage.contender());
    let released = std::thread::spawn(move || held.unlock());
    released.join().expect("it does not panic").expect("it is held, if by another thread");
    other.succeed("try_lock");
    other.succeed("unlock");
    stage.leave();
}
