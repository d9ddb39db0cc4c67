//! The holder, in the sentences that errors are.

use std::fmt;

use crate::holder::Holder;
use crate::sys;
use crate::verdict::Verdict;

/// The holder in a sentence about it.
pub(super) struct Name<'a>(pub(super) Option<&'a Holder>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(holder) => write!(f, "{holder}"),
            None => f.write_str("a process that has written no record"),
        }
    }
}

/// The holder that was found in another's place.
pub(super) struct Instead<'a>(pub(super) Option<&'a Holder>);

impl fmt::Display for Instead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(holder) => write!(f, "it was written by {holder}"),
            None => f.write_str("it has no record"),
        }
    }
}

/// The holder, or what else is in the way, in a sentence about it, with what to do.
pub(super) struct Blame<'a>(pub(super) Option<&'a Holder>, pub(super) Option<&'a str>);

impl fmt::Display for Blame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (_, Some(obstacle)) => f.write_str(obstacle),
            (Some(holder), None) => write!(f, "{holder}; {}", holder.advice()),
            (None, None) => write!(
                f,
                "a process that has written no record, at least not yet: try again, and if it stays, \
                 {} shows which it is",
                if sys::TELLS_OPENS { "`tenure status`" } else { "fuser(1)" }
            ),
        }
    }
}

/// Why there is no holder that is ready.
pub(super) struct Unready<'a>(pub(super) Option<&'a Holder>);

impl fmt::Display for Unready<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(holder) = self.0 else {
            return f.write_str("nobody is known to hold it: start what is to");
        };
        match (holder.verdict(), holder.phase()) {
            (Verdict::Live, Some(phase)) => write!(f, "it is locked by {holder}; it is {phase}"),
            (Verdict::Live, None) => write!(
                f,
                "it is locked by {holder}; it does not say how far it has come, and perhaps never \
                 does"
            ),
            (verdict, _) => write!(f, "it is locked by {holder}; {verdict}"),
        }
    }
}
