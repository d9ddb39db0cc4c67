//! Whoever reads is in nobody's way.

use super::super::stage::Stage;

pub(super) fn readers_make_nobody_busy(stage: Stage) {
    const LOOKS: usize = 2000;
    let (mut contender, reader) = (stage.contender(), stage.lock());
    // So that there is a file to read from the beginning.
    contender.succeed("come and go");
    let mut looks = 0;
    while looks < LOOKS {
        contender.tell("come and go");
        while !contender.has_answered() {
            reader.status().expect("it can be read");
            looks += 1;
        }
        assert_eq!(contender.answer(), "ok");
    }
    stage.leave();
}

/// Not left to chance: somebody comes in the very moment of a look, and may wait until it is over.
pub(super) fn a_look_refuses_nobody(stage: Stage) {
    let (file, mut contender) = (stage.open(), stage.contender());
    let mut once = || contender.wait_in("wait for the backend");
    stage.backend().look(&file, stage.path(), &mut once).expect("it can be looked at");
    match contender.answer().as_str() {
        "Observed" => assert_eq!(contender.ask("ask the backend"), "Locked", "the look is over"),
        answer => assert_eq!(answer, "Locked", "nobody had the lock, but somebody looked"),
    }
    contender.succeed("tell the backend to release");
    drop(file);
    stage.leave();
}
