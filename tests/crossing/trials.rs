//! The trials that every row goes through, one for each column.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};

use tempfile::TempDir;

use crate::age::Age;
use crate::contender::{Contender, Where};
use crate::other::{Other, Refused};
use crate::outcome::{Outcome, Outcomes};
use crate::row::SCENE;
use crate::support::elsewhere::elsewhere;
use crate::way::{BUSY, LOST, UNRECOGNIZED, Way};

/// The exit statuses of `tenure status` for a lock that is held, and for one that may be.
const HELD: i32 = 0;
const UNKNOWN: i32 = 4;

/// A lockfile of its own for each trial.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["locks", "scratch"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        Self { directory }
    }

    fn lock(&self) -> PathBuf {
        self.directory.path().join("locks").join("crossed.lock")
    }

    fn scratch(&self) -> PathBuf {
        self.directory.path().join("scratch")
    }
}

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

    fn tenure_first(&self) -> Outcome {
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
            self.assert_unlock_helps(&place);
            Outcome::NeverTakenOver
        })
    }

    /// tenure can remove what a dead holder of its own has left, and then the other gets in.
    fn assert_unlock_helps(&self, place: &Place) {
        let output = tenure("unlock", &place.lock());
        assert!(output.status.success(), "{output:?}");
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

fn comes_in(mut contender: Contender) -> Contender {
    let came = contender.arrives();
    assert_eq!(came, Where::Inside, "it is alone, and said {:?}", contender.complaints());
    contender
}

fn leaves_well(contender: Contender) {
    let (status, said) = contender.leave();
    assert!(status.success(), "{status}: {said}");
}

/// Lets tenure leave, and returns whether it tells that its lockfile was removed or overwritten.
fn tells_of_loss(tenure: Contender) -> bool {
    let (status, said) = tenure.leave();
    let tells = said.contains("while it was held");
    assert!(status.success() || tells && exited_with(status, LOST), "{status}: {said}");
    tells
}

fn tenure(verb: &str, lock: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenure")).arg(verb).arg(lock).output().unwrap()
}

/// `tenure status` says that the other holds the lock or may hold it, and `tenure unlock` does nothing.
fn assert_is_respected(lock: &Path) {
    let file = fs::symlink_metadata(lock).unwrap().ino();
    let unlock = tenure("unlock", lock);
    assert!(!unlock.status.success(), "{unlock:?}");
    assert_eq!(file, fs::symlink_metadata(lock).unwrap().ino());
    let status = tenure("status", lock);
    assert!(matches!(status.status.code(), Some(HELD | UNKNOWN)), "{status:?}");
}

/// How tenure is refused, or `None` if it gets in.
fn refusal(mut tenure: Contender) -> Option<Outcome> {
    match tenure.arrives() {
        Where::Inside => {
            leaves_well(tenure);
            None
        }
        Where::Outside(status) if exited_with(status, BUSY) => Some(Outcome::Excluded),
        Where::Outside(status) if exited_with(status, UNRECOGNIZED) => Some(Outcome::Unrecognized),
        came => panic!("tenure: {came:?}: {}", tenure.complaints()),
    }
}

/// Whether it ended by itself, with this exit status.
fn exited_with(status: ExitStatus, code: i32) -> bool {
    status.code() == Some(code)
}

/// The broken twins: the trials find a program that takes no lock, and one that robs every holder.
#[test]
fn programs_that_do_not_lock_are_caught() {
    use crate::outcome::Outcome::{BothIn, Robbed, TakenOver};

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
