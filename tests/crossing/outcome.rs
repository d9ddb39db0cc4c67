//! What comes of it when two programs meet at one lockfile.

use std::fmt;

/// The outcome of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The later one is kept out, at every age that is tried.
    Excluded,
    /// tenure is kept out by something that is no lockfile to it.
    Unrecognized,
    /// Both are inside.
    BothIn,
    /// Both are inside, and tenure says that its lockfile was removed, replaced or overwritten.
    Robbed,
    /// The later one is kept out until the file is old. Then it is as `Robbed`.
    RobbedWithAge,
    /// The survivor gets in.
    TakenOver,
    /// The survivor gets in once the file is old.
    TakenOverWithAge,
    /// The survivor is kept out.
    NeverTakenOver,
    /// Each gets in after the other has left.
    InTurn,
    /// The other gets in after tenure has left, once the file is old.
    InTurnWithAge,
    /// One of them leaves something that keeps the other out.
    Blocked,
    /// It does not come to that.
    None,
}

/// As the table says it.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Excluded => "excluded",
            Self::Unrecognized => "excluded, not recognized",
            Self::BothIn => "**both in**",
            Self::Robbed => "**both in**, tenure says so",
            Self::RobbedWithAge => {
                "excluded; once the file is old, **both in**, and tenure says so"
            }
            Self::TakenOver => "taken over",
            Self::TakenOverWithAge => "taken over once the file is old",
            Self::NeverTakenOver => "never taken over",
            Self::InTurn => "yes",
            Self::InTurnWithAge => "once the file is old",
            Self::Blocked => "no",
            Self::None => "–",
        })
    }
}

/// The columns of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub(crate) tenure_first: Outcome,
    pub(crate) other_first: Outcome,
    pub(crate) tenure_killed: Outcome,
    pub(crate) other_killed: Outcome,
    pub(crate) after_takeover: Outcome,
    pub(crate) in_turn: Outcome,
}

impl Outcomes {
    /// Each keeps the other out, and takes over from a dead one.
    pub(crate) const GOOD: Self = Self {
        tenure_first: Outcome::Excluded,
        other_first: Outcome::Excluded,
        tenure_killed: Outcome::TakenOver,
        other_killed: Outcome::TakenOver,
        after_takeover: Outcome::InTurn,
        in_turn: Outcome::InTurn,
    };

    /// Whether the two are never inside together.
    pub(crate) fn are_safe(self) -> bool {
        let keeps_out = |it| matches!(it, Outcome::Excluded | Outcome::Unrecognized);
        keeps_out(self.tenure_first) && keeps_out(self.other_first)
    }
}

impl fmt::Display for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenure_first, other_first, tenure_killed, .. } = self;
        let Self { other_killed, after_takeover, in_turn, .. } = self;
        write!(f, "{tenure_first} | {other_first} | {tenure_killed} | ")?;
        write!(f, "{other_killed} | {after_takeover} | {in_turn}")
    }
}
