//! The trials that every row goes through, one for each column.

use crate::age::Age;
use crate::contender::{Contender, Where};
use crate::ends::{comes_in, exited_with, leaves_well, refusal, tells_of_loss};
use crate::other::{Other, Refused};
use crate::outcome::{Outcome, Outcomes};
use crate::place::Place;
use crate::respect::{assert_is_respected, assert_unlocks};
use crate::way::Way;

/// A program and a way to use tenure, which meet.
pub(crate) struct Trials<'a> {
    other: &'a Other,
    way: Way,
}

impl<'a> Trials<'a> {
    pub(crate) fn new(other: &'a Other, way: Way) -> Self {
        Self { other, way }
    }

    pub(crate) fn outcomes(&self) -> Outcomes {
        Outcomes {
            // That both can get in at all shows that a refusal is one.
            in_turn: self.in_turn(),
            tenure_first: self.tenure_first(),
            other_first: self.other_first(),
            tenure_killed: self.tenure_killed(),
            other_killed: self.other_killed(),
            after_takeover: self.after_takeover(),
        }
    }

    fn start_tenure(&self, place: &Place) -> Contender {
        self.way.start(&place.lock())
    }

    fn start_other(&self, place: &Place) -> Contender {
        self.other.start(&place.lock(), &place.scratch())
    }

    pub(crate) fn in_turn(&self) -> Outcome {
        let place = Place::new();
        leaves_well(comes_in(self.start_tenure(&place)));
        for _ in 0..2 {
            for start in [Self::start_other, Self::start_tenure] {
                let mut next = start(self, &place);
                if next.arrives() != Where::Inside {
                    return Outcome::Blocked;
                }
                leaves_well(next);
            }
        }
        Outcome::InTurn
    }

    /// Tries it at each age of the file that can make a difference.
    fn at_each_age(&self, trial: impl Fn(Age) -> Outcome) -> Outcome {
        let found: Vec<_> = self.other.ages.iter().map(|age| trial(*age)).collect();
        match found[..] {
            [outcome] => outcome,
            [new, old] if new == old => new,
            [Outcome::Excluded, Outcome::Robbed] => Outcome::RobbedWithAge,
            [Outcome::Blocked, Outcome::InTurn] => Outcome::InTurnWithAge,
            [Outcome::NeverTakenOver, Outcome::TakenOver] => Outcome::TakenOverWithAge,
            _ => panic!("{found:?}"),
        }
    }

    pub(crate) fn tenure_first(&self) -> Outcome {
        self.at_each_age(|age| {
            let place = Place::new();
            let tenure = comes_in(self.start_tenure(&place));
            age.comes(&place.lock());
            let mut other = self.start_other(&place);
            let came = other.arrives();
            let is_told = tells_of_loss(tenure);
            if came == Where::Inside {
                other.leave();
                return if is_told { Outcome::Robbed } else { Outcome::BothIn };
            }
            self.assert_refused(came, &mut other);
            assert!(!is_told, "the other was refused");
            if came == Where::Waiting {
                let other = comes_in(other);
                let refusal = refusal(self.start_tenure(&place));
                assert_eq!(refusal, Some(Outcome::Excluded), "the other has waited, and is inside");
                leaves_well(other);
            }
            Outcome::Excluded
        })
    }

    fn assert_refused(&self, came: Where, other: &mut Contender) {
        let refused = match (came, self.other.refused) {
            (Where::Waiting, Refused::Waits) => true,
            (Where::Outside(status), Refused::Exits(code)) => exited_with(status, code),
            _ => false,
        };
        assert!(refused, "{came:?}, not {:?}: {}", self.other.refused, other.complaints());
    }

    pub(crate) fn other_first(&self) -> Outcome {
        self.at_each_age(|age| {
            let place = Place::new();
            let other = comes_in(self.start_other(&place));
            age.comes(&place.lock());
            let refusal = refusal(self.start_tenure(&place));
            // The program does not know `Hardlink`, to which more is a lock.
            if refusal.is_some() && self.way.is_of_the_program() {
                assert_is_respected(&place.lock());
            }
            leaves_well(other);
            refusal.unwrap_or(Outcome::BothIn)
        })
    }

    fn tenure_killed(&self) -> Outcome {
        self.at_each_age(|age| {
            let place = Place::new();
            self.way.kill(comes_in(self.start_tenure(&place)));
            age.comes(&place.lock());
            let mut other = self.start_other(&place);
            let came = other.arrives();
            if came == Where::Inside {
                leaves_well(other);
                leaves_well(comes_in(self.start_tenure(&place)));
                return Outcome::TakenOver;
            }
            self.assert_refused(came, &mut other);
            self.assert_tenure_clears(&place, age);
            Outcome::NeverTakenOver
        })
    }

    /// `tenure unlock` removes what a dead holder of tenure has left. So does the next holder that
    /// knows who made the file. Then the other gets in.
    fn assert_tenure_clears(&self, place: &Place, age: Age) {
        if age != Age::New && self.way.removes_what_it_recovers() {
            leaves_well(comes_in(self.start_tenure(place)));
        } else {
            assert_unlocks(&place.lock());
        }
        leaves_well(comes_in(self.start_other(place)));
    }

    fn other_killed(&self) -> Outcome {
        self.at_each_age(|age| {
            let place = Place::new();
            comes_in(self.start_other(&place)).dies_with_its_children();
            age.comes(&place.lock());
            let refusal = refusal(self.start_tenure(&place));
            refusal.map_or(Outcome::TakenOver, |_| Outcome::NeverTakenOver)
        })
    }

    /// tenure takes over from the other, and leaves. Then the other comes again.
    fn after_takeover(&self) -> Outcome {
        self.at_each_age(|age| {
            let place = Place::new();
            comes_in(self.start_other(&place)).dies_with_its_children();
            age.comes(&place.lock());
            if refusal(self.start_tenure(&place)).is_some() {
                return Outcome::None;
            }
            if place.lock().exists() {
                age.comes(&place.lock());
            }
            let mut other = self.start_other(&place);
            let came = other.arrives();
            if came == Where::Inside {
                leaves_well(other);
                return Outcome::InTurn;
            }
            self.assert_refused(came, &mut other);
            Outcome::Blocked
        })
    }
}
