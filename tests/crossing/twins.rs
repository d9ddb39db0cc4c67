//! Broken twins: the trials find a program that takes no lock, and one that robs every holder.

use crate::age::Age;
use crate::other::{Other, Refused};
use crate::outcome::Outcome::{BothIn, Robbed, TakenOver};
use crate::row::SCENE;
use crate::support::elsewhere::elsewhere;
use crate::trials::Trials;
use crate::way::Way;

#[test]
fn programs_that_do_not_lock_are_caught() {
    const UNLOCKED: Other = Other {
        name: "no lock",
        version: "",
        needs: &[],
        script: r#"exec sh -c "$STAY""#,
        refused: Refused::Exits(75),
        ages: &[Age::New],
    };
    const ROBBER: Other =
        Other { script: r#"rm -f "$LOCK"; : >"$LOCK"; exec sh -c "$STAY""#, ..UNLOCKED };
    elsewhere(SCENE, UNLOCKED.needs, || {
        let trials = |other| Trials::new(other, Way::Json);
        let found = trials(&UNLOCKED).outcomes();
        assert_eq!([found.tenure_first, found.other_first], [BothIn; 2]);
        assert_eq!([found.tenure_killed, found.other_killed], [TakenOver; 2]);
        assert_eq!(trials(&ROBBER).tenure_first(), Robbed);
    });
}
