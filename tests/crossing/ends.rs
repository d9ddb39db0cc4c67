//! How contenders come in, are refused, and end.

use std::process::ExitStatus;

use crate::contender::{Contender, Where};
use crate::outcome::Outcome;
use crate::way::{BUSY, LOST, UNRECOGNIZED};

pub(crate) fn comes_in(mut contender: Contender) -> Contender {
    let came = contender.arrives();
    assert_eq!(came, Where::Inside, "it is alone, and said {:?}", contender.complaints());
    contender
}

pub(crate) fn leaves_well(contender: Contender) {
    let (status, said) = contender.leave();
    assert!(status.success(), "{status}: {said}");
}

/// Lets tenure leave, and returns whether it tells that its lockfile was removed or overwritten.
pub(crate) fn tells_of_loss(tenure: Contender) -> bool {
    let (status, said) = tenure.leave();
    let tells = said.contains("while it was held");
    assert!(status.success() || tells && exited_with(status, LOST), "{status}: {said}");
    tells
}

/// How tenure is refused, or `None` if it gets in.
pub(crate) fn refusal(mut tenure: Contender) -> Option<Outcome> {
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
pub(crate) fn exited_with(status: ExitStatus, code: i32) -> bool {
    status.code() == Some(code)
}
