//! A forked child has copies of everything, and holds nothing.

use std::io::{self, Read};

use super::super::spawn::PATIENCE;
use super::super::stage::Stage;
use crate::backend::Admission;
use crate::error::Error;
use crate::sys::{self, Side};

pub(super) fn a_forked_copy_is_inert(stage: Stage) {
    let mut held = stage.held();
    match sys::fork(PATIENCE).expect("a process can be forked") {
        // All that it has is dropped there, the backend with it.
        Side::Child => sys::end_child(move || {
            assert!(!held.is_held(), "its parent holds it");
            let unlocked = held.unlock();
            assert!(matches!(unlocked, Err(Error::NotHeld { .. })), "{unlocked:?}");
            drop((held, stage));
        }),
        Side::Parent(child) => assert!(child.wait().expect("it is our child"), "it has failed"),
    }
    held.verify().expect("a child has touched it");
    if stage.has_backend() {
        assert_eq!(stage.ask(&stage.open()), Admission::Refused, "a child has freed the lock");
    }
    let busy = stage.contender().ask("try_lock");
    assert!(busy.starts_with("Busy"), "a child has freed the lock: {busy}");
    held.unlock().expect("it is held");
    stage.leave();
}

pub(super) fn a_fork_does_not_prolong_the_lock(stage: Stage) {
    // Kept, so that the next contender comes to the file that the child has a copy of.
    let mut held = stage.lock().keep_file(true);
    held.try_lock().expect("nobody holds the lock");
    let (ours, theirs) = sys::line().expect("there are sockets");
    let child = match sys::fork(PATIENCE).expect("a process can be forked") {
        // It keeps its copies until its parent lets go of the other end, or dies.
        Side::Child => sys::end_child(move || {
            drop(ours);
            let _kept = (held, stage);
            io::copy(&mut theirs.take(1), &mut io::sink()).expect("its parent lives");
        }),
        Side::Parent(child) => child,
    };
    held.unlock().expect("it is held");
    let mut other = stage.contender();
    other.succeed("try_lock");
    other.succeed("unlock");
    drop(ours);
    assert!(child.wait().expect("it is our child"), "it has failed");
    stage.leave();
}
